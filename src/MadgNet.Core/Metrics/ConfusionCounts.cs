using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The counts of a binary confusion table, and the metrics that follow from them. Counts of several cases or labels can be
/// added; metrics of the sum are the micro-averaged ones.
/// </summary>
/// <remarks>
/// Metrics are smooth-free. Where a quotient is 0/0 its value is 1 if prediction and truth agree on every pixel that it
/// looks at, as documented on each of them.
/// </remarks>
/// <param name="TruePositives">Foreground pixels that were predicted as such.</param>
/// <param name="FalsePositives">Background pixels that were predicted as foreground.</param>
/// <param name="FalseNegatives">Foreground pixels that were predicted as background.</param>
/// <param name="TrueNegatives">Background pixels that were predicted as such.</param>
public readonly record struct ConfusionCounts(long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives)
{
    /// <summary>Number of pixels.</summary>
    public long Total => TruePositives + FalsePositives + FalseNegatives + TrueNegatives;

    /// <summary>Dice coefficient, which is the F1 measure: <c>2TP / (2TP + FP + FN)</c>; 1 where prediction and truth are
    /// both empty.</summary>
    public double Dice => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives, 1);

    /// <summary>Intersection over union, the Jaccard index: <c>TP / (TP + FP + FN)</c>; 1 where prediction and truth are both
    /// empty.</summary>
    public double IntersectionOverUnion => Ratio(TruePositives, TruePositives + FalsePositives + FalseNegatives, 1);

    /// <summary>Adds two tables.</summary>
    /// <param name="left">One table.</param>
    /// <param name="right">The other.</param>
    /// <returns>The table of all pixels of both.</returns>
    public static ConfusionCounts operator +(ConfusionCounts left, ConfusionCounts right) => new(
        left.TruePositives + right.TruePositives,
        left.FalsePositives + right.FalsePositives,
        left.FalseNegatives + right.FalseNegatives,
        left.TrueNegatives + right.TrueNegatives);

    /// <summary>Counts every image and label of a batch on its device, which is waited for once.</summary>
    /// <param name="probability">N×n×H×W floating-point probabilities, 0..1.</param>
    /// <param name="truth">N×n×H×W truth on the same device, any type; foreground from 0.5 on.</param>
    /// <param name="threshold">A pixel is predicted as foreground from this probability on, 0..1.</param>
    /// <returns>One table for each image and label: <c>[image][label]</c>.</returns>
    /// <exception cref="InvalidMapException">The shapes differ or do not have four dimensions, or a value is NaN or outside
    /// of 0..1.</exception>
    public static ConfusionCounts[][] FromBatch(Tensor probability, Tensor truth, double threshold = 0.5)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
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

        Tensor predicted = probability.ge(threshold);
        Tensor actual = truth.ge(0.5);
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
                long both = values[map];
                long positive = values[maps + map];
                long foreground = values[(2 * maps) + map];
                tables[image][label] = new ConfusionCounts(both, positive - both, foreground - both, pixels - positive - foreground + both);
            }
        }

        return tables;
    }

    private static Tensor InUnitRange(Tensor values) => values.ge(0).logical_and(values.le(1)).all();

    private static double Ratio(long numerator, long denominator, double ifUndefined) =>
        denominator == 0 ? ifUndefined : (double)numerator / denominator;
}
