using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The counts of a binary confusion table, and the metrics that follow from them. Counts of several cases or labels can be
/// added; metrics of the sum are the micro-averaged ones.
/// </summary>
/// <remarks>
/// Metrics are free of smoothing. A quotient 0/0 is 1 where prediction and truth agree on every pixel, and 0 where they do
/// not: an empty prediction of an empty truth is perfect, any other answer to it has recall 0.
/// </remarks>
/// <param name="TruePositives">Foreground pixels that were predicted as such.</param>
/// <param name="FalsePositives">Background pixels that were predicted as foreground.</param>
/// <param name="FalseNegatives">Foreground pixels that were predicted as background.</param>
/// <param name="TrueNegatives">Background pixels that were predicted as such.</param>
public readonly record struct ConfusionCounts(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>Number of pixels.</summary>
    public long Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>Dice coefficient, which is the F1 measure: <c>2TP / (2TP + FP + FN)</c>.</summary>
    public double Dice => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Intersection over union of the foreground, the Jaccard index: <c>TP / (TP + FP + FN)</c>. Its mean over the
    /// images is what papers on polyps and lesions call mIoU.</summary>
    public double IntersectionOverUnion => Ratio(TruePositives, TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Mean of the intersection over union of foreground and background, which is mIoU in papers on semantic
    /// segmentation.</summary>
    public double MeanIntersectionOverUnion =>
        (IntersectionOverUnion + Ratio(TrueNegatives, TrueNegatives + FalsePositives + FalseNegatives)) / 2;

    /// <summary>Precision, the positive predictive value: <c>TP / (TP + FP)</c>.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Recall, the sensitivity: <c>TP / (TP + FN)</c>.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Specificity: <c>TN / (TN + FP)</c>.</summary>
    public double Specificity => Ratio(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>Accuracy: <c>(TP + TN) / N</c>; 1 of no pixels at all.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Total);

    /// <summary>Mean of recall and specificity, over those of the two classes that the truth holds.</summary>
    public double BalancedAccuracy => (TruePositives + FalseNegatives, TrueNegatives + FalsePositives) switch
    {
        (0, _) => Specificity,
        (_, 0) => Recall,
        _ => (Recall + Specificity) / 2,
    };

    /// <summary>
    /// Matthews correlation coefficient, −1..1:
    /// <c>(TP·TN − FP·FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))</c> (Matthews, Biochimica et Biophysica Acta 405, 1975).
    /// </summary>
    public double MatthewsCorrelation
    {
        get
        {
            double predicted = (double)(TruePositives + FalsePositives) * (TrueNegatives + FalseNegatives);
            double actual = (double)(TruePositives + FalseNegatives) * (TrueNegatives + FalsePositives);
            return predicted == 0 || actual == 0
                ? Undefined
                : (((double)TruePositives * TrueNegatives)
                    - ((double)FalsePositives * FalseNegatives)) / (Math.Sqrt(predicted) * Math.Sqrt(actual));
        }
    }

    /// <summary>
    /// Cohen's kappa, at most 1: the accuracy above what chance reaches with the same shares of foreground,
    /// <c>(p_o − p_e) / (1 − p_e)</c> (Cohen, Educational and Psychological Measurement 20, 1960), as scikit-learn computes it. That of
    /// PySODMetrics is another number: it takes TN + TP for the share of true background.
    /// </summary>
    public double CohensKappa
    {
        get
        {
            double predicted = TruePositives + FalsePositives;
            double actual = TruePositives + FalseNegatives;
            double chance = (predicted * actual) + ((Total - predicted) * (Total - actual));
            double total = (double)Total * Total;
            return chance == total ? Undefined : (((double)(TruePositives + TrueNegatives) * Total) - chance) / (total - chance);
        }
    }

    private double Undefined => FalsePositives + FalseNegatives == 0 ? 1 : 0;

    /// <summary>F measure, <c>(1 + β²)·TP / ((1 + β²)·TP + β²·FN + FP)</c>; with β² = 1 it is the Dice coefficient.</summary>
    /// <param name="betaSquared">β², finite and above 0: how many times recall counts as much as precision.</param>
    /// <returns>The measure, 0..1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">β² is not finite or not above 0.</exception>
    public double F(double betaSquared)
    {
        if (!double.IsFinite(betaSquared) || betaSquared <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(betaSquared),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"betaSquared: received {betaSquared}; "
                        + $"expected a finite number above 0. Use 0.3 for the measure of saliency papers, 1 for Dice."));
        }

        double weighted = (1 + betaSquared) * TruePositives;
        double denominator = weighted + (betaSquared * FalseNegatives) + FalsePositives;
        return denominator == 0 ? Undefined : weighted / denominator;
    }

    /// <summary>Adds two tables.</summary>
    /// <param name="left">One table.</param>
    /// <param name="right">The other.</param>
    /// <returns>The table of all pixels of both.</returns>
    public static ConfusionCounts operator +(ConfusionCounts left, ConfusionCounts right) => new(
        left.TruePositives + right.TruePositives,
        left.FalsePositives + right.FalsePositives,
        left.FalseNegatives + right.FalseNegatives,
        left.TrueNegatives + right.TrueNegatives);

    /// <summary>Counts a prediction against its truth.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="threshold">A pixel is predicted as foreground from this probability on, 0..1.</param>
    /// <returns>The table.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is outside of 0..1.</exception>
    public static ConfusionCounts FromMaps(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, double threshold = 0.5)
    {
        MapCheck.Pair(prediction, truth, height, width);
        MapCheck.Threshold(threshold);
        return Count(prediction, MemoryMarshal.AsBytes(truth), threshold);
    }

    /// <summary>Counts every image and label of a batch on its device, which is waited for once.</summary>
    /// <param name="probability">N×n×H×W floating-point probabilities, 0..1.</param>
    /// <param name="truth">N×n×H×W truth on the same device, 0..1 of any type; foreground from 0.5 on.</param>
    /// <param name="threshold">A pixel is predicted as foreground from this probability on, 0..1.</param>
    /// <returns>One table for each image and label: <c>[image][label]</c>.</returns>
    /// <exception cref="InvalidMapException">The shapes differ or do not have four dimensions, or a value is NaN or outside
    /// of 0..1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is outside of 0..1.</exception>
    public static ConfusionCounts[][] FromBatch(Tensor probability, Tensor truth, double threshold = 0.5)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(truth);
        MapCheck.Threshold(threshold);
        using var noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long[] shape = probability.shape;
        if (shape.Length != 4 || shape.Contains(0) || !truth.shape.AsSpan().SequenceEqual(shape))
        {
            throw new InvalidMapException(new Problem(
                nameof(probability),
                $"shape [{string.Join(", ", shape)}] for a truth of shape [{string.Join(", ", truth.shape)}]",
                "images × labels × height × width for both, none of them 0",
                "Resize the probabilities to the truth's size"));
        }

        // A tensor rounds the limit to its own precision. The first single-precision number that reaches it parts the same values as the
        // comparison in double precision, which all other places make.
        float reached = (float)threshold;
        using Scalar limit = probability.dtype == ScalarType.Float64
            ? threshold.ToScalar()
            : (reached < threshold ? MathF.BitIncrement(reached) : reached).ToScalar();
        Tensor compared = probability.dtype is ScalarType.Float16 or ScalarType.BFloat16
            ? probability.to(ScalarType.Float32)
            : probability;
        Tensor predicted = compared.ge(limit);
        Tensor actual = truth.ge(Scalars.Of(0.5));
        Tensor legal = InUnitRange(probability).logical_and(InUnitRange(truth)).to(ScalarType.Int64);
        Tensor counts = cat(
            [
                predicted.logical_and(actual).sum([2, 3]).flatten(),
                predicted.sum([2, 3]).flatten(),
                actual.sum([2, 3]).flatten(),
                legal.reshape(1),
            ]);
        ReadOnlySpan<long> values = MemoryMarshal.Cast<byte, long>(counts.cpu().bytes);
        if (values[^1] == 0)
        {
            throw new InvalidMapException(new Problem(
                "probability or truth",
                "values that are NaN or outside of 0 to 1",
                "probabilities and a truth of 0 and 1",
                "Apply the sigmoid to logits first, and divide a mask of 8-bit grey values by 255"));
        }

        int images = (int)shape[0];
        int labels = (int)shape[1];
        int maps = images * labels;
        long pixels = shape[2] * shape[3];
        var tables = new ConfusionCounts[images][];
        for (int image = 0; image < images; image++)
        {
            tables[image] = new ConfusionCounts[labels];
            for (int label = 0; label < labels; label++)
            {
                int map = (image * labels) + label;
                tables[image][label] = FromSums(values[map], values[maps + map], values[(2 * maps) + map], pixels);
            }
        }

        return tables;
    }

    /// <summary>Counts maps that were checked before.</summary>
    internal static ConfusionCounts Count(ReadOnlySpan<float> prediction, ReadOnlySpan<byte> truth, double threshold)
    {
        long both = 0;
        long predicted = 0;
        long actual = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            int positive = prediction[i] >= threshold ? 1 : 0;
            int foreground = truth[i] != 0 ? 1 : 0;
            both += positive & foreground;
            predicted += positive;
            actual += foreground;
        }

        return FromSums(both, predicted, actual, prediction.Length);
    }

    internal static ConfusionCounts FromSums(long both, long predicted, long actual, long total) =>
        new(both, predicted - both, actual - both, total - predicted - actual + both);

    private static Tensor InUnitRange(Tensor values) =>
        values.ge(Scalars.Of(-MapCheck.Slack)).logical_and(values.le(Scalars.Of(1 + MapCheck.Slack))).all();

    private double Ratio(long numerator, long denominator) =>
        denominator == 0 ? Undefined : (double)numerator / denominator;
}
