namespace MadgNet.Core.Metrics;

/// <summary>
/// The mean Dice or intersection over union of a validation set at the thresholds 0.01, 0.02 … 0.99, for each label, and the best
/// of them.
/// </summary>
/// <remarks>A threshold that was chosen on the test set makes its numbers too good: sweep on validation data, store the
/// <see cref="Selection"/>, and evaluate the test set with it.</remarks>
public sealed class ThresholdSweep
{
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

        var sums = new ThresholdSums(metric);
        foreach (EvaluationCase evaluated in cases)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sums.Add(evaluated);
        }

        return sums.ToSweep(validationSetName);
    }

    /// <summary>A sweep from its scores.</summary>
    internal static ThresholdSweep Of(string validationSetName, Metric metric, double[] thresholds, double[][] scores)
    {
        int[] best = [.. scores.Select(label => Enumerable.Range(0, label.Length)
            .OrderByDescending(step => label[step])
            .ThenBy(step => Math.Abs(thresholds[step] - Neutral))
            .First())];
        var selection = new ThresholdSelection(
            validationSetName, metric, [.. best.Select(step => thresholds[step])], [.. best.Select((step, label) => scores[label][step])]);
        return new ThresholdSweep(thresholds, scores, selection);
    }
}
