using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The mean Dice or intersection over union of a validation set at the thresholds 0.01, 0.02 … 0.99, for each label, and the best
/// of them.
/// </summary>
/// <remarks>A threshold that was chosen on the test set makes its numbers too good: sweep on validation data, store the
/// <see cref="Selection"/>, and evaluate the test set with it.</remarks>
public sealed class ThresholdSweep
{
    private const int Steps = 100;
    private const double Neutral = 0.5;

    private ThresholdSweep(IReadOnlyList<double> thresholds, IReadOnlyList<IReadOnlyList<double>> scores, ThresholdSelection selection)
    {
        Thresholds = thresholds;
        Scores = scores;
        Selection = selection;
    }

    /// <summary>The thresholds that were tried, ascending.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>For each label, the metric's mean over the cases at each of the thresholds.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Scores { get; }

    /// <summary>The best threshold of each label; among equally good ones, the one nearest to 0.5.</summary>
    public ThresholdSelection Selection { get; }

    /// <summary>Sweeps the thresholds over a validation set, one case in memory at a time.</summary>
    /// <param name="validationSetName">Name of the validation set; an evaluation of a set of the same name refuses the
    /// selection.</param>
    /// <param name="cases">The validation cases; enumerated once. Their order makes no difference.</param>
    /// <param name="metric">What to maximise: <see cref="Metric.Dice"/> or <see cref="Metric.IntersectionOverUnion"/>; null for
    /// Dice.</param>
    /// <param name="cancellationToken">Ends the sweep early.</param>
    /// <returns>The scores and the best thresholds.</returns>
    /// <exception cref="ArgumentException">The metric is neither of the two.</exception>
    /// <exception cref="EvaluationException">There is no case, cases differ in their number of labels, or a case's maps cannot be
    /// measured.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public static ThresholdSweep Run(
        string validationSetName,
        IEnumerable<EvaluationCase> cases,
        Metric? metric = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(validationSetName);
        ArgumentNullException.ThrowIfNull(cases);
        metric ??= Metric.Dice;
        if (metric != Metric.Dice && metric != Metric.IntersectionOverUnion)
        {
            throw new ArgumentException(
                $"Threshold sweep: received {metric}; expected Dice or IntersectionOverUnion. Choose one of the two.", nameof(metric));
        }

        double[] thresholds = [.. Enumerable.Range(1, Steps - 1).Select(step => (double)step / Steps)];
        Int128[][]? sums = null;
        int count = 0;
        foreach (EvaluationCase evaluated in cases)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sums ??= [.. Enumerable.Range(0, evaluated.Truth.Count).Select(_ => new Int128[thresholds.Length])];
            if (sums.Length != evaluated.Truth.Count)
            {
                throw new EvaluationException(
                    $"Case '{evaluated.Name}': received {evaluated.Truth.Count} labels; expected {sums.Length} as the cases before it. "
                        + $"Sweep cases of the same labels.");
            }

            for (int label = 0; label < sums.Length; label++)
            {
                AddScores(evaluated, label, metric, thresholds, sums[label]);
            }

            count++;
        }

        if (sums is null)
        {
            throw new EvaluationException(
                $"Set '{validationSetName}': received no cases; expected at least one. Check the folder or the split that the set is "
                    + $"read from.");
        }

        double[][] scores = [.. sums.Select(label => label.Select(sum => ExactSum.ToDouble(sum) / count).ToArray())];
        int[] best = [.. scores.Select(label => Enumerable.Range(0, label.Length)
            .OrderByDescending(step => label[step])
            .ThenBy(step => Math.Abs(thresholds[step] - Neutral))
            .First())];
        var selection = new ThresholdSelection(
            validationSetName, metric, [.. best.Select(step => thresholds[step])], [.. best.Select((step, label) => scores[label][step])]);
        return new ThresholdSweep(thresholds, scores, selection);
    }

    private static void AddScores(EvaluationCase evaluated, int label, Metric metric, double[] thresholds, Int128[] sums)
    {
        FloatImage probability = evaluated.Probability;
        ReadOnlySpan<float> prediction = probability.Plane(label);
        var truth = new bool[prediction.Length];
        try
        {
            MapCheck.Binarise(evaluated.Truth[label].Data, truth);
            MapCheck.Pair(prediction, truth, probability.Height, probability.Width);
        }
        catch (InvalidMapException exception)
        {
            throw new EvaluationException($"Case '{evaluated.Name}', label {label}: {exception.Message}", exception);
        }

        // How many thresholds each pixel reaches, by class: one pass serves all thresholds.
        var pixels = new long[thresholds.Length + 1];
        var foreground = new long[thresholds.Length + 1];
        for (int i = 0; i < prediction.Length; i++)
        {
            int reached = Reached(prediction[i], thresholds);
            pixels[reached]++;
            foreground[reached] += truth[i] ? 1 : 0;
        }

        long actual = foreground.Sum();
        long positive = 0;
        long both = 0;
        for (int step = thresholds.Length - 1; step >= 0; step--)
        {
            positive += pixels[step + 1];
            both += foreground[step + 1];
            ConfusionCounts counts = ConfusionCounts.FromSums(both, positive, actual, prediction.Length);
            sums[step] += ExactSum.FromDouble(metric == Metric.Dice ? counts.Dice : counts.IntersectionOverUnion);
        }
    }

    /// <summary>The number of thresholds at or below a probability, to the same comparisons as an evaluation makes.</summary>
    private static int Reached(float probability, double[] thresholds)
    {
        int reached = Math.Min((int)(probability * Steps), thresholds.Length);
        while (reached < thresholds.Length && probability >= thresholds[reached])
        {
            reached++;
        }

        while (reached > 0 && probability < thresholds[reached - 1])
        {
            reached--;
        }

        return reached;
    }
}
