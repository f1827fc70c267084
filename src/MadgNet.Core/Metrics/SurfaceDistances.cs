using System.Buffers;
using System.Globalization;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Distances between the borders of two binary masks, in the unit of the pixel spacing. A mask's border is the mask less its
/// erosion by the 4-neighbour cross; its pixels on the image's edge belong to it.
/// </summary>
/// <remarks>
/// Two empty masks have distances 0 and a normalized surface distance of 1. Where one of them is empty the distances are
/// undefined and NaN, and the normalized surface distance is 0.
/// </remarks>
/// <param name="Hausdorff">Hausdorff distance: the largest distance of a border pixel of either mask to the other border.</param>
/// <param name="Hausdorff95">The larger of the two directed 95th percentiles, linearly interpolated.</param>
/// <param name="AverageSymmetric">ASSD: the mean of the distances of all border pixels of both masks to the other border.</param>
/// <param name="Normalized">
/// NSD, the surface Dice: the share of the border pixels of both masks that lie within the tolerance of the other border
/// (Nikolov et al., Journal of Medical Internet Research 23(7), 2021; pixels are counted, not surface elements).
/// </param>
public readonly record struct SurfaceDistances(double Hausdorff, double Hausdorff95, double AverageSymmetric, double Normalized)
{
    /// <summary>Whether the distances are defined: both masks are empty, or neither is.</summary>
    public bool IsDefined => !double.IsNaN(Hausdorff);

    /// <summary>Measures the distances.</summary>
    /// <param name="prediction">H×W predicted mask.</param>
    /// <param name="truth">H×W true mask.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="tolerance">τ of the normalized surface distance, in the unit of the spacing; finite and at least 0.</param>
    /// <param name="spacing">Size of a pixel; one unit a pixel where it is not given.</param>
    /// <returns>The distances.</returns>
    /// <exception cref="InvalidMapException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is not finite or below 0.</exception>
    public static SurfaceDistances Compute(
        ReadOnlySpan<bool> prediction, ReadOnlySpan<bool> truth, int height, int width, double tolerance = 2, PixelSpacing? spacing = null)
        => Compute(prediction, truth, height, width, tolerance, spacing, [], []);

    /// <summary>A percentile of the Hausdorff distance: the larger of the two directed percentiles, linearly interpolated.</summary>
    /// <param name="prediction">H×W predicted mask.</param>
    /// <param name="truth">H×W true mask.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="percentile">0 to 100; 100 is the Hausdorff distance itself.</param>
    /// <param name="spacing">Size of a pixel; one unit a pixel where it is not given.</param>
    /// <returns>The distance: 0 for two empty masks, NaN where one of them is empty.</returns>
    /// <exception cref="InvalidMapException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The percentile is outside of 0 to 100.</exception>
    public static double HausdorffAt(
        ReadOnlySpan<bool> prediction, ReadOnlySpan<bool> truth, int height, int width, double percentile, PixelSpacing? spacing = null)
    {
        double[] values = new double[1];
        Compute(prediction, truth, height, width, 0, spacing, [Checked(percentile)], values);
        return values[0];
    }

    /// <summary>A percentile, or the exception for one that is none.</summary>
    internal static double Checked(double percentile) => percentile >= 0 && percentile <= 100
        ? percentile
        : throw new ArgumentOutOfRangeException(
            nameof(percentile),
            FormattableString.Invariant($"percentile: received {percentile}; expected a number from 0 to 100. Use for example 95."));

    /// <summary>Measures the distances, and percentiles of the Hausdorff distance besides.</summary>
    internal static SurfaceDistances Compute(
        ReadOnlySpan<bool> prediction,
        ReadOnlySpan<bool> truth,
        int height,
        int width,
        double tolerance,
        PixelSpacing? spacing,
        ReadOnlySpan<double> percentiles,
        Span<double> values)
    {
        MapCheck.Plane(prediction, height, width, nameof(prediction));
        MapCheck.Plane(truth, height, width, nameof(truth));
        if (!double.IsFinite(tolerance) || tolerance < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(tolerance),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"tolerance: received {tolerance}; "
                        + $"expected a finite number of at least 0. Pass the deviation that experts accept, in the unit of the spacing."));
        }

        bool predictionIsEmpty = !prediction.Contains(true);
        bool truthIsEmpty = !truth.Contains(true);
        if (predictionIsEmpty || truthIsEmpty)
        {
            values.Fill(predictionIsEmpty && truthIsEmpty ? 0 : double.NaN);
            return predictionIsEmpty && truthIsEmpty
                ? new SurfaceDistances(0, 0, 0, 1)
                : new SurfaceDistances(double.NaN, double.NaN, double.NaN, 0);
        }

        // Outside of the box that holds both masks there is no border to measure from or to.
        (int top, int bottom, int left, int right) = Box(prediction, truth, height, width);
        int rows = bottom - top;
        int columns = right - left;
        int count = rows * columns;
        bool[] masks = ArrayPool<bool>.Shared.Rent(2 * count);
        double[] distances = ArrayPool<double>.Shared.Rent(3 * count);
        try
        {
            Span<bool> predictedBorder = masks.AsSpan(0, count);
            Span<bool> trueBorder = masks.AsSpan(count, count);
            MarkBorder(prediction, width, top, left, rows, columns, predictedBorder);
            MarkBorder(truth, width, top, left, rows, columns, trueBorder);

            Span<double> map = distances.AsSpan(0, count);
            Span<double> fromPrediction = distances.AsSpan(count, count);
            DistanceTransform.EuclideanWithNearest(trueBorder, rows, columns, map, [], spacing);
            fromPrediction = fromPrediction[..Gather(predictedBorder, map, fromPrediction)];
            Span<double> fromTruth = distances.AsSpan(2 * count, count);
            DistanceTransform.EuclideanWithNearest(predictedBorder, rows, columns, map, [], spacing);
            fromTruth = fromTruth[..Gather(trueBorder, map, fromTruth)];

            fromPrediction.Sort();
            fromTruth.Sort();
            double sum = Sum(fromPrediction) + Sum(fromTruth);
            int within = CountWithin(fromPrediction, tolerance) + CountWithin(fromTruth, tolerance);
            int pixels = fromPrediction.Length + fromTruth.Length;
            for (int i = 0; i < percentiles.Length; i++)
            {
                values[i] = Math.Max(Quantile(fromPrediction, percentiles[i] / 100), Quantile(fromTruth, percentiles[i] / 100));
            }

            return new SurfaceDistances(
                Math.Max(fromPrediction[^1], fromTruth[^1]),
                Math.Max(Quantile(fromPrediction, 0.95), Quantile(fromTruth, 0.95)),
                sum / pixels,
                (double)within / pixels);
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(masks);
            ArrayPool<double>.Shared.Return(distances);
        }
    }

    private static int Gather(ReadOnlySpan<bool> border, ReadOnlySpan<double> map, Span<double> distances)
    {
        int count = 0;
        for (int i = 0; i < border.Length; i++)
        {
            if (border[i])
            {
                distances[count++] = map[i];
            }
        }

        return count;
    }

    private static double Sum(ReadOnlySpan<double> distances)
    {
        double sum = 0;
        foreach (double distance in distances)
        {
            sum += distance;
        }

        return sum;
    }

    private static int CountWithin(ReadOnlySpan<double> distances, double tolerance)
    {
        int count = 0;
        foreach (double distance in distances)
        {
            count += distance <= tolerance ? 1 : 0;
        }

        return count;
    }

    private static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        double position = share * (sorted.Length - 1);
        int lower = (int)position;
        int upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + ((position - lower) * (sorted[upper] - sorted[lower]));
    }

    private static void MarkBorder(ReadOnlySpan<bool> mask, int width, int top, int left, int rows, int columns, Span<bool> border)
    {
        int height = mask.Length / width;
        for (int row = 0; row < rows; row++)
        {
            int y = top + row;
            for (int column = 0; column < columns; column++)
            {
                int x = left + column;
                int i = (y * width) + x;
                bool inside = y > 0 && y < height - 1 && x > 0 && x < width - 1
                    && mask[i - width] && mask[i + width] && mask[i - 1] && mask[i + 1];
                border[(row * columns) + column] = mask[i] && !inside;
            }
        }
    }

    private static (int Top, int Bottom, int Left, int Right) Box(
        ReadOnlySpan<bool> first, ReadOnlySpan<bool> second, int height, int width)
    {
        int top = int.MaxValue;
        int bottom = 0;
        int left = int.MaxValue;
        int right = 0;
        for (int row = 0; row < height; row++)
        {
            Widen(first.Slice(row * width, width), row);
            Widen(second.Slice(row * width, width), row);
        }

        return (top, bottom, left, right);

        void Widen(ReadOnlySpan<bool> pixels, int row)
        {
            int start = pixels.IndexOf(true);
            if (start >= 0)
            {
                top = Math.Min(top, row);
                bottom = row + 1;
                left = Math.Min(left, start);
                right = Math.Max(right, pixels.LastIndexOf(true) + 1);
            }
        }
    }
}
