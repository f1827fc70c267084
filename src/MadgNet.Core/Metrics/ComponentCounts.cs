using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Metrics;

/// <summary>
/// How many connected components (lesions, nuclei) were found, missed and invented. A predicted and a true component are a pair
/// if their intersection over union reaches a minimum; each component is in one pair at most, and pairs are formed from the
/// best overlap down.
/// </summary>
/// <remarks>
/// Two masks without components are a perfect match: all three measures are 1. Where only one measure's denominator is 0, the
/// measure is 0. With a minimum above ½ the pairs are those of the panoptic quality (Kirillov et al., CVPR 2019).
/// </remarks>
/// <param name="TruePositives">Pairs.</param>
/// <param name="FalsePositives">Predicted components without a partner.</param>
/// <param name="FalseNegatives">True components without a partner.</param>
public readonly record struct ComponentCounts(long TruePositives, long FalsePositives, long FalseNegatives)
{
    /// <summary>Share of the predicted components that are right.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Share of the true components that were found.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives);

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The counts of all components of both.</returns>
    public static ComponentCounts operator +(ComponentCounts left, ComponentCounts right) => new(
        left.TruePositives + right.TruePositives,
        left.FalsePositives + right.FalsePositives,
        left.FalseNegatives + right.FalseNegatives);

    /// <summary>Matches the components of two masks.</summary>
    /// <param name="prediction">H×W predicted mask.</param>
    /// <param name="truth">H×W true mask.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="minimumOverlap">Intersection over union from which two components may be a pair, above 0 and at most
    /// 1.</param>
    /// <param name="connectivity">Which neighbours belong to the same component.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="InvalidMapException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is out of its range.</exception>
    public static ComponentCounts Compute(
        ReadOnlySpan<bool> prediction,
        ReadOnlySpan<bool> truth,
        int height,
        int width,
        double minimumOverlap = 0.5,
        ComponentConnectivity connectivity = ComponentConnectivity.Eight)
    {
        MapCheck.Plane(prediction, height, width, nameof(prediction));
        MapCheck.Plane(truth, height, width, nameof(truth));
        if (!(minimumOverlap > 0 && minimumOverlap <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(minimumOverlap),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"minimumOverlap: received {minimumOverlap}; "
                        + $"expected a number above 0 and at most 1. Use 0.5, or 1e-9 to accept any overlap."));
        }

        int[] predicted = ArrayPool<int>.Shared.Rent(prediction.Length);
        int[] actual = ArrayPool<int>.Shared.Rent(truth.Length);
        try
        {
            int predictedCount = ConnectedComponents.Label(prediction, width, connectivity, predicted.AsSpan(0, prediction.Length));
            int actualCount = ConnectedComponents.Label(truth, width, connectivity, actual.AsSpan(0, truth.Length));
            int pairs = CountPairs(
                predicted.AsSpan(0, prediction.Length), predictedCount, actual.AsSpan(0, truth.Length), actualCount, minimumOverlap);
            return new ComponentCounts(pairs, predictedCount - pairs, actualCount - pairs);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(predicted);
            ArrayPool<int>.Shared.Return(actual);
        }
    }

    private static int CountPairs(
        ReadOnlySpan<int> predicted, int predictedCount, ReadOnlySpan<int> actual, int actualCount, double minimumOverlap)
    {
        var predictedSizes = new int[predictedCount + 1];
        var actualSizes = new int[actualCount + 1];
        var overlaps = new Dictionary<(int Predicted, int Actual), int>();
        for (int i = 0; i < predicted.Length; i++)
        {
            predictedSizes[predicted[i]]++;
            actualSizes[actual[i]]++;
            if (predicted[i] != 0 && actual[i] != 0)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(overlaps, (predicted[i], actual[i]), out _)++;
            }
        }

        // Labels follow the raster order, so that ties are broken by position and not by chance.
        var candidates = overlaps
            .Select(pair => (pair.Key,
                Overlap: (double)pair.Value / (predictedSizes[pair.Key.Predicted] + actualSizes[pair.Key.Actual] - pair.Value)))
            .Where(pair => pair.Overlap >= minimumOverlap)
            .OrderByDescending(pair => pair.Overlap)
            .ThenBy(pair => pair.Key);
        var predictedTaken = new bool[predictedCount + 1];
        var actualTaken = new bool[actualCount + 1];
        int pairs = 0;
        foreach (((int predictedLabel, int actualLabel), _) in candidates)
        {
            if (!predictedTaken[predictedLabel] && !actualTaken[actualLabel])
            {
                predictedTaken[predictedLabel] = true;
                actualTaken[actualLabel] = true;
                pairs++;
            }
        }

        return pairs;
    }

    private double Ratio(long numerator, long denominator) => denominator != 0
        ? (double)numerator / denominator
        : FalsePositives + FalseNegatives == 0 ? 1 : 0;
}
