using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Exact Euclidean distance transform: the distance of every pixel to the nearest feature pixel, in time linear in the
/// number of pixels. Planes are row-major, <c>row · width + column</c>.
/// </summary>
/// <remarks>
/// <para>Nearest feature of each column first, then the lower envelope of the columns' parabolas along each row
/// (Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8, 2012).</para>
/// <para>To measure the distance of a mask's pixels to its background, pass the background as the features.</para>
/// <para>Feature pixels are at distance 0. A plane without any feature is at distance +∞ everywhere, and the index of its
/// nearest feature is −1. Among features at the same distance, which one is reported is fixed but unspecified.</para>
/// </remarks>
public static class DistanceTransform
{
    /// <summary>Distance of every pixel to the nearest feature.</summary>
    /// <param name="features">H×W plane; true marks a feature.</param>
    /// <param name="height">Rows of the plane, at least 1.</param>
    /// <param name="width">Columns of the plane, at least 1.</param>
    /// <param name="distances">H×W plane that receives the distances, in the unit of the spacing.</param>
    /// <param name="spacing">Size of a pixel; one unit a pixel where it is not given.</param>
    /// <exception cref="ArgumentException">A plane does not hold H·W pixels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static void Euclidean(
        ReadOnlySpan<bool> features, int height, int width, Span<float> distances, PixelSpacing? spacing = null)
    {
        CheckLength(distances.Length, CheckPlane(features, height, width), nameof(distances));
        Transform(features, height, width, spacing ?? PixelSpacing.Pixels, distances, [], []);
    }

    /// <summary>Distance of every pixel to the nearest feature, and which feature that is.</summary>
    /// <param name="features">H×W plane; true marks a feature.</param>
    /// <param name="height">Rows of the plane, at least 1.</param>
    /// <param name="width">Columns of the plane, at least 1.</param>
    /// <param name="distances">H×W plane that receives the distances, in the unit of the spacing.</param>
    /// <param name="nearest">
    /// H×W plane that receives the index (<c>row · width + column</c>) of each pixel's nearest feature, −1 where there is
    /// none; or empty where the indices are not needed.
    /// </param>
    /// <param name="spacing">Size of a pixel; one unit a pixel where it is not given.</param>
    /// <exception cref="ArgumentException">A plane does not hold H·W pixels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static void EuclideanWithNearest(
        ReadOnlySpan<bool> features,
        int height,
        int width,
        Span<double> distances,
        Span<int> nearest,
        PixelSpacing? spacing = null)
    {
        int count = CheckPlane(features, height, width);
        CheckLength(distances.Length, count, nameof(distances));
        if (!nearest.IsEmpty)
        {
            CheckLength(nearest.Length, count, nameof(nearest));
        }

        Transform(features, height, width, spacing ?? PixelSpacing.Pixels, [], distances, nearest);
    }

    private static void Transform(
        ReadOnlySpan<bool> features,
        int height,
        int width,
        PixelSpacing spacing,
        Span<float> single,
        Span<double> full,
        Span<int> nearest)
    {
        int[] rowsArray = ArrayPool<int>.Shared.Rent((height * width) + (2 * width));
        double[] workArray = ArrayPool<double>.Shared.Rent((4 * width) + 1);
        try
        {
            Span<int> nearestRows = rowsArray.AsSpan(0, height * width);
            Span<int> sites = rowsArray.AsSpan(height * width, width);
            Span<int> siteRows = rowsArray.AsSpan((height * width) + width, width);
            FindNearestRows(features, height, width, nearestRows, sites);

            Span<double> heights = workArray.AsSpan(0, width);
            Span<double> offsets = workArray.AsSpan(width, width);
            Span<double> starts = workArray.AsSpan(2 * width, width + 1);
            Span<double> squares = workArray.AsSpan((3 * width) + 1, width);
            double columnSquared = spacing.Column * spacing.Column;
            for (int row = 0; row < height; row++)
            {
                ReadOnlySpan<int> rowOfColumn = nearestRows.Slice(row * width, width);
                int last = -1;
                for (int column = 0; column < width; column++)
                {
                    if (rowOfColumn[column] < 0)
                    {
                        continue;
                    }

                    double vertical = (rowOfColumn[column] - row) * spacing.Row;
                    double offset = vertical * vertical;
                    double lifted = (offset / columnSquared) + ((double)column * column);
                    double start = double.NegativeInfinity;
                    while (last >= 0)
                    {
                        start = (lifted - heights[last]) / (2 * (column - sites[last]));
                        if (start > starts[last])
                        {
                            break;
                        }

                        start = double.NegativeInfinity;
                        last--;
                    }

                    last++;
                    sites[last] = column;
                    siteRows[last] = rowOfColumn[column];
                    heights[last] = lifted;
                    offsets[last] = offset;
                    starts[last] = start;
                }

                Span<int> nearestOfRow = nearest.IsEmpty ? [] : nearest.Slice(row * width, width);
                if (last < 0)
                {
                    squares.Fill(double.PositiveInfinity);
                    nearestOfRow.Fill(-1);
                }
                else
                {
                    int site = 0;
                    starts[last + 1] = double.PositiveInfinity;
                    for (int column = 0; column < width; column++)
                    {
                        while (starts[site + 1] < column)
                        {
                            site++;
                        }

                        double horizontal = (column - sites[site]) * spacing.Column;
                        squares[column] = offsets[site] + (horizontal * horizontal);
                        if (!nearestOfRow.IsEmpty)
                        {
                            nearestOfRow[column] = (siteRows[site] * width) + sites[site];
                        }
                    }
                }

                if (full.IsEmpty)
                {
                    WriteRoots(squares, single.Slice(row * width, width));
                }
                else
                {
                    WriteRoots(squares, full.Slice(row * width, width));
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rowsArray);
            ArrayPool<double>.Shared.Return(workArray);
        }
    }

    /// <summary>For every pixel, the row of the nearest feature in its own column, −1 where the column has none.</summary>
    private static void FindNearestRows(
        ReadOnlySpan<bool> features, int height, int width, Span<int> nearestRows, Span<int> latest)
    {
        ReadOnlySpan<byte> marks = MemoryMarshal.AsBytes(features);
        latest.Fill(-1);
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> marksOfRow = marks.Slice(row * width, width);
            Span<int> target = nearestRows.Slice(row * width, width);
            for (int column = 0; column < width; column++)
            {
                int above = marksOfRow[column] != 0 ? row : latest[column];
                latest[column] = above;
                target[column] = above;
            }
        }

        latest.Fill(-1);
        var none = new Vector<int>(-1);
        for (int row = height - 1; row >= 0; row--)
        {
            Span<int> target = nearestRows.Slice(row * width, width);
            var here = new Vector<int>(row);
            int column = 0;
            for (; column <= width - Vector<int>.Count; column += Vector<int>.Count)
            {
                var above = new Vector<int>(target[column..]);
                var below = Vector.ConditionalSelect(Vector.Equals(above, here), here, new Vector<int>(latest[column..]));
                below.CopyTo(latest[column..]);
                Vector<int> useBelow = Vector.GreaterThan(below, none)
                    & (Vector.Equals(above, none) | Vector.LessThan(below - here, here - above));
                Vector.ConditionalSelect(useBelow, below, above).CopyTo(target[column..]);
            }

            for (; column < width; column++)
            {
                int above = target[column];
                int below = above == row ? row : latest[column];
                latest[column] = below;
                if (below >= 0 && (above < 0 || below - row < row - above))
                {
                    target[column] = below;
                }
            }
        }
    }

    private static void WriteRoots(ReadOnlySpan<double> squares, Span<double> roots)
    {
        int i = 0;
        for (; i <= squares.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector.SquareRoot(new Vector<double>(squares[i..])).CopyTo(roots[i..]);
        }

        for (; i < squares.Length; i++)
        {
            roots[i] = Math.Sqrt(squares[i]);
        }
    }

    private static void WriteRoots(ReadOnlySpan<double> squares, Span<float> roots)
    {
        for (int i = 0; i < squares.Length; i++)
        {
            roots[i] = (float)Math.Sqrt(squares[i]);
        }
    }

    private static int CheckPlane(ReadOnlySpan<bool> features, int height, int width)
    {
        CheckSize(height, nameof(height));
        CheckSize(width, nameof(width));
        long count = (long)height * width;
        CheckLength(features.Length, count, nameof(features));
        return (int)count;
    }

    private static void CheckSize(int size, string name)
    {
        if (size < 1)
        {
            throw new ArgumentOutOfRangeException(
                name, $"{name}: received {size}; expected at least 1. Pass the size of the plane in pixels.");
        }
    }

    private static void CheckLength(int length, long count, string name)
    {
        if (length != count)
        {
            throw new ArgumentException(
                $"{name}: received {length} elements; expected {count}, one for each pixel. Pass a plane of height · width elements.",
                name);
        }
    }
}
