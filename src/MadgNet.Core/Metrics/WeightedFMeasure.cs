using System.Buffers;
using System.Numerics;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Weighted F measure with β = 1: errors count less where they border on the truth's own (a 7×7 Gaussian, σ = 5, pools them
/// inside), and more the farther they lie from it (<c>2 − exp(ln ½ / 5 · distance)</c> outside).
/// </summary>
/// <remarks>
/// Source: Margolin, Zelnik-Manor, Tal, "How to evaluate foreground maps?", CVPR 2014. An empty truth gives 0 (1e-6 in
/// <see cref="MetricProfile.MadgNetOfficial"/>, whose code adds 1e-6 to its denominators). Where several pixels of the truth are
/// equally near, other code may take the error of another one of them: results agree within 1e-4.
/// </remarks>
public static class WeightedFMeasure
{
    private const int Radius = 3;
    private const double Sigma = 5;
    private const double StandardEpsilon = 2.220446049250313e-16;
    private const double OfficialEpsilon = 1e-6;

    private static readonly double[] Kernel = GaussianKernel();

    /// <summary>Computes the measure.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="profile">The conventions; the official ones binarise the prediction: 0.5 and more is foreground.</param>
    /// <returns>The measure, 0..1.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    public static double Compute(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, MetricProfile profile = MetricProfile.Standard)
    {
        MapCheck.Pair(prediction, truth, height, width);
        using var pair = new MapPair(prediction, truth, height, width, profile, 0.5);
        return Compute(pair, profile);
    }

    internal static double Compute(in MapPair pair, MetricProfile profile)
    {
        double epsilon = profile == MetricProfile.MadgNetOfficial ? OfficialEpsilon : StandardEpsilon;
        if (pair.Foreground == 0)
        {
            return profile == MetricProfile.MadgNetOfficial ? OfficialEpsilon : 0;
        }

        double[] distances = ArrayPool<double>.Shared.Rent(pair.Count);
        int[] nearest = ArrayPool<int>.Shared.Rent(pair.Count);
        try
        {
            DistanceTransform.EuclideanWithNearest(
                pair.Mask, pair.Height, pair.Width, distances.AsSpan(0, pair.Count), nearest.AsSpan(0, pair.Count));
            double missed = PooledErrors(pair, nearest);
            double wrong = WeightedErrors(pair, distances);
            double found = pair.Foreground - missed;
            double recall = 1 - (missed / pair.Foreground);
            double precision = found / (found + wrong + epsilon);
            return 2 * recall * precision / (recall + precision + epsilon);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(distances);
            ArrayPool<int>.Shared.Return(nearest);
        }
    }

    /// <summary>Σ over the foreground of the smaller of error and pooled error.</summary>
    private static double PooledErrors(in MapPair pair, ReadOnlySpan<int> nearest)
    {
        (int top, int bottom, int left, int right) = Box(pair);
        int columns = right - left;

        // The errors around the foreground, with zeros outside of the map as the padding is.
        int paddedColumns = columns + (2 * Radius);
        int paddedRows = bottom - top + (2 * Radius);
        double[] rented = ArrayPool<double>.Shared.Rent((paddedRows * paddedColumns) + paddedColumns);
        try
        {
            Span<double> errors = rented.AsSpan(0, paddedRows * paddedColumns);
            Span<double> vertical = rented.AsSpan(paddedRows * paddedColumns, paddedColumns);
            errors.Clear();
            for (int row = Math.Max(top - Radius, 0); row < Math.Min(bottom + Radius, pair.Height); row++)
            {
                Span<double> target = errors.Slice((row - top + Radius) * paddedColumns, paddedColumns);
                for (int column = Math.Max(left - Radius, 0); column < Math.Min(right + Radius, pair.Width); column++)
                {
                    target[column - left + Radius] = 1 - (double)pair.Prediction[nearest[(row * pair.Width) + column]];
                }
            }

            double sum = 0;
            for (int row = top; row < bottom; row++)
            {
                FilterColumns(errors.Slice((row - top) * paddedColumns, ((2 * Radius) + 1) * paddedColumns), paddedColumns, vertical);
                ReadOnlySpan<float> truth = pair.Truth.Slice((row * pair.Width) + left, columns);
                ReadOnlySpan<double> own = errors.Slice(((row - top + Radius) * paddedColumns) + Radius, columns);
                sum += SumOfSmaller(vertical, own, truth);
            }

            return sum;
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    private static void FilterColumns(ReadOnlySpan<double> rows, int length, Span<double> filtered)
    {
        int column = 0;
        for (; column <= length - Vector<double>.Count; column += Vector<double>.Count)
        {
            var sum = Vector<double>.Zero;
            for (int tap = 0; tap < Kernel.Length; tap++)
            {
                sum += Kernel[tap] * new Vector<double>(rows[((tap * length) + column)..]);
            }

            sum.CopyTo(filtered[column..]);
        }

        for (; column < length; column++)
        {
            double sum = 0;
            for (int tap = 0; tap < Kernel.Length; tap++)
            {
                sum += Kernel[tap] * rows[(tap * length) + column];
            }

            filtered[column] = sum;
        }
    }

    private static double SumOfSmaller(ReadOnlySpan<double> vertical, ReadOnlySpan<double> own, ReadOnlySpan<float> truth)
    {
        double sum = 0;
        for (int column = 0; column < own.Length; column++)
        {
            if (truth[column] == 0)
            {
                continue;
            }

            double pooled = 0;
            for (int tap = 0; tap < Kernel.Length; tap++)
            {
                pooled += Kernel[tap] * vertical[column + tap];
            }

            sum += Math.Min(own[column], pooled);
        }

        return sum;
    }

    /// <summary>Σ over the background of the error times its distance's weight.</summary>
    private static double WeightedErrors(in MapPair pair, ReadOnlySpan<double> distances)
    {
        double decay = Math.Log(0.5) / 5;
        var sum = Vector<double>.Zero;
        int i = 0;
        for (; i <= pair.Count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var prediction = new Vector<float>(pair.Prediction[i..]);
            Vector<float> errors = prediction * (Vector<float>.One - new Vector<float>(pair.Truth[i..]));
            if (Vector.EqualsAll(errors, Vector<float>.Zero))
            {
                continue;
            }

            Vector.Widen(errors, out Vector<double> low, out Vector<double> high);
            sum += low * Weight(new Vector<double>(distances[i..]));
            sum += high * Weight(new Vector<double>(distances[(i + Vector<double>.Count)..]));
        }

        double total = Vector.Sum(sum);
        for (; i < pair.Count; i++)
        {
            total += pair.Prediction[i] * (1 - pair.Truth[i]) * (2 - Math.Exp(decay * distances[i]));
        }

        return total;

        Vector<double> Weight(Vector<double> distance) => new Vector<double>(2) - Vector.Exp(distance * decay);
    }

    private static (int Top, int Bottom, int Left, int Right) Box(in MapPair pair)
    {
        int top = int.MaxValue;
        int bottom = 0;
        int left = int.MaxValue;
        int right = 0;
        for (int row = 0; row < pair.Height; row++)
        {
            ReadOnlySpan<float> truth = pair.Truth.Slice(row * pair.Width, pair.Width);
            int first = truth.IndexOf(1f);
            if (first < 0)
            {
                continue;
            }

            top = Math.Min(top, row);
            bottom = row + 1;
            left = Math.Min(left, first);
            right = Math.Max(right, truth.LastIndexOf(1f) + 1);
        }

        return (top, bottom, left, right);
    }

    /// <summary>One axis of the Gaussian; normalised, its products are the normalised 7×7 kernel.</summary>
    private static double[] GaussianKernel()
    {
        double[] kernel = [.. Enumerable.Range(-Radius, (2 * Radius) + 1)
            .Select(offset => Math.Exp(-offset * offset / (2 * Sigma * Sigma)))];
        double sum = kernel.Sum();
        return [.. kernel.Select(value => value / sum)];
    }
}
