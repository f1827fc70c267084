using System.Buffers;
using System.Runtime.Intrinsics;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The three statistics of multi-frequency channel attention by one pass over a map in the CPU's memory: pooling, the
/// products with the basis images, and their average, maximum and minimum, without storing any of the first two.
/// </summary>
/// <remarks>
/// What <see cref="ExtremePositions"/>, <see cref="ExtremeValues"/> and a matrix product give, in the same order of
/// comparison: of equal products the first counts. A product that is not a number is never an extreme; that a map holds one
/// shows in the average all the same. The results do not depend on the number of threads.
/// </remarks>
internal sealed unsafe class FrequencyStatistics
{
    /// <summary>The channels that are worked on together, one in each lane of a vector.</summary>
    private const int Lanes = 16;

    /// <summary>About how many pooled pixels make a task.</summary>
    private const int TaskLength = 4096;

    /// <summary>About how many pooled pixels are held at a time, so that they stay in the first-level cache.</summary>
    private const int ChunkLength = 256;

    private FrequencyStatistics(float[] values, int[]? positions)
    {
        Values = values;
        Positions = positions;
    }

    /// <summary>
    /// N×C×3: the average, the mean of the maxima and the mean of the minima over the frequencies.
    /// </summary>
    public float[] Values { get; }

    /// <summary>N×C×2F: where the maxima lie in the pooled map, then where the minima do; null where they were not asked for.</summary>
    public int[]? Positions { get; }

    /// <summary>Computes the statistics of a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="basis">The basis images.</param>
    /// <param name="positions">Whether the positions of the extremes are wanted.</param>
    public static FrequencyStatistics Of(in FeatureMemory map, DctBasis basis, bool positions) =>
        map.Half ? Of<BrainElement>(map, basis, positions) : Of<SingleElement>(map, basis, positions);

    private static FrequencyStatistics Of<T>(FeatureMemory map, DctBasis basis, bool positions)
        where T : IElement
    {
        int size = basis.Size;
        int blocks = (map.Channels + Lanes - 1) / Lanes;
        int parts = Math.Min(size, ((size * size) + TaskLength - 1) / TaskLength);
        var found = new Extremes[map.Batch * blocks * parts];
        var rows = new PoolingWindows(map.Height, size);
        var columns = new PoolingWindows(map.Width, size);
        ParallelTasks.Run(found.Length, task =>
        {
            (int block, int part) = (task / parts, task % parts);
            (int image, int first) = (block / blocks, block % blocks * Lanes);
            found[task] = new Extremes(basis.Frequencies, positions);
            Search<T>(map, image, first, rows, columns, size * part / parts, size * (part + 1) / parts, basis, found[task]);
        });

        var values = new float[map.Batch * map.Channels * 3];
        int[]? where = positions ? new int[map.Batch * map.Channels * 2 * basis.Frequencies] : null;
        for (int block = 0; block < map.Batch * blocks; block++)
        {
            Extremes whole = found[block * parts];
            for (int part = 1; part < parts; part++)
            {
                whole.Add(found[(block * parts) + part]);
            }

            int first = block % blocks * Lanes;
            whole.Write(values, where, (block / blocks * map.Channels) + first, Math.Min(Lanes, map.Channels - first), size * size);
        }

        return new FrequencyStatistics(values, where);
    }

    /// <summary>Goes over some rows of the pooled map of up to sixteen channels.</summary>
    private static void Search<T>(
        in FeatureMemory map,
        int image,
        int first,
        PoolingWindows rows,
        PoolingWindows columns,
        int row,
        int end,
        DctBasis basis,
        Extremes found)
        where T : IElement
    {
        int size = basis.Size;
        int together = Math.Max(1, ChunkLength / size);
        float[] pixels = ArrayPool<float>.Shared.Rent(together * size * Lanes);
        float[] sums = ArrayPool<float>.Shared.Rent(map.Width * Lanes);
        fixed (float* pooled = pixels, column = sums, images = basis.Images, mean = basis.MeanImage)
        {
            for (; row < end; row += together)
            {
                int count = Math.Min(together, end - row);
                for (int i = 0; i < count; i++)
                {
                    Pool<T>(map, image, first, rows.First[row + i], rows.End[row + i], columns, column, pooled + (i * size * Lanes));
                }

                int start = row * size;
                found.Average(pooled, count * size, mean + start);
                for (int f = 0; f < basis.Frequencies; f++)
                {
                    found.Search(pooled, count * size, start, images + ((long)f * size * size) + start, f);
                }
            }
        }

        ArrayPool<float>.Shared.Return(pixels);
        ArrayPool<float>.Shared.Return(sums);
    }

    /// <summary>One row of the pooled map: <c>pooled[pixel·16 + lane]</c>. First down the rows of the window, then along them.</summary>
    private static void Pool<T>(
        in FeatureMemory map, int image, int first, int top, int bottom, PoolingWindows columns, float* sums, float* pooled)
        where T : IElement
    {
        int lanes = Math.Min(Lanes, map.Channels - first);
        int size = columns.First.Length;
        if (map.ChannelsLast && lanes == Lanes)
        {
            long line = (long)map.Width * map.Channels;
            long start = (image * map.Height * line) + first;
            for (int w = 0; w < map.Width; w++)
            {
                Vector512<float> sum = T.Load(map.Data, start + (top * line) + ((long)w * map.Channels));
                for (int h = top + 1; h < bottom; h++)
                {
                    sum += T.Load(map.Data, start + (h * line) + ((long)w * map.Channels));
                }

                sum.Store(sums + (w * Lanes));
            }

            for (int i = 0; i < size; i++)
            {
                (int left, int right) = (columns.First[i], columns.End[i]);
                Vector512<float> sum = Vector512.Load(sums + (left * Lanes));
                for (int w = left + 1; w < right; w++)
                {
                    sum += Vector512.Load(sums + (w * Lanes));
                }

                (sum * (1f / ((bottom - top) * (right - left)))).Store(pooled + (i * Lanes));
            }

            return;
        }

        for (int lane = 0; lane < lanes; lane++)
        {
            AddRows<T>(map, image, first + lane, top, bottom, sums);
            for (int i = 0; i < size; i++)
            {
                (int left, int right) = (columns.First[i], columns.End[i]);
                float sum = sums[left];
                for (int w = left + 1; w < right; w++)
                {
                    sum += sums[w];
                }

                pooled[(i * Lanes) + lane] = sum * (1f / ((bottom - top) * (right - left)));
            }
        }

        for (int lane = lanes; lane < Lanes; lane++)
        {
            for (int i = 0; i < size; i++)
            {
                pooled[(i * Lanes) + lane] = 0;
            }
        }
    }

    /// <summary>The sums of some rows of one channel.</summary>
    private static void AddRows<T>(in FeatureMemory map, int image, int channel, int top, int bottom, float* sums)
        where T : IElement
    {
        int w = 0;
        if (map.ChannelsLast)
        {
            for (; w < map.Width; w++)
            {
                sums[w] = 0;
                for (int h = top; h < bottom; h++)
                {
                    sums[w] += T.Read(map.Data, (((((long)image * map.Height) + h) * map.Width) + w) * map.Channels + channel);
                }
            }

            return;
        }

        long start = (((long)image * map.Channels) + channel) * map.Area;
        for (; w <= map.Width - Lanes; w += Lanes)
        {
            Vector512<float> sum = T.Load(map.Data, start + (top * map.Width) + w);
            for (int h = top + 1; h < bottom; h++)
            {
                sum += T.Load(map.Data, start + (h * map.Width) + w);
            }

            sum.Store(sums + w);
        }

        for (; w < map.Width; w++)
        {
            float sum = T.Read(map.Data, start + (top * map.Width) + w);
            for (int h = top + 1; h < bottom; h++)
            {
                sum += T.Read(map.Data, start + (h * map.Width) + w);
            }

            sums[w] = sum;
        }
    }

    /// <summary>What was found so far for sixteen channels.</summary>
    private sealed class Extremes
    {
        private readonly int _frequencies;
        private readonly float[] _values;
        private readonly int[]? _positions;
        private Vector512<float> _average;

        public Extremes(int frequencies, bool positions)
        {
            _frequencies = frequencies;
            _values = new float[2 * frequencies * Lanes];
            _positions = positions ? new int[2 * frequencies * Lanes] : null;
            _values.AsSpan(0, frequencies * Lanes).Fill(float.NegativeInfinity);
            _values.AsSpan(frequencies * Lanes).Fill(float.PositiveInfinity);
        }

        public void Average(float* pixels, int count, float* mean)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int i = 0; i < count; i++)
            {
                sum += Vector512.Load(pixels + (i * Lanes)) * mean[i];
            }

            _average += sum;
        }

        /// <summary>Looks for the extremes of one frequency in pixels that follow each other from a first position on.</summary>
        public void Search(float* pixels, int count, int start, float* image, int frequency)
        {
            fixed (float* values = _values)
            {
                float* tops = values + (frequency * Lanes);
                float* bottoms = values + ((_frequencies + frequency) * Lanes);
                if (_positions is null)
                {
                    Search(pixels, count, image, tops, bottoms);
                    return;
                }

                fixed (int* positions = _positions)
                {
                    Search(
                        pixels,
                        count,
                        start,
                        image,
                        tops,
                        bottoms,
                        positions + (frequency * Lanes),
                        positions + ((_frequencies + frequency) * Lanes));
                }
            }
        }

        /// <summary>Takes up what was found behind this.</summary>
        public void Add(Extremes later)
        {
            _average += later._average;
            for (int i = 0; i < _values.Length; i++)
            {
                bool better = i < _values.Length / 2 ? later._values[i] > _values[i] : later._values[i] < _values[i];
                if (better)
                {
                    _values[i] = later._values[i];
                    if (_positions is not null)
                    {
                        _positions[i] = later._positions![i];
                    }
                }
            }
        }

        /// <summary>Writes the results of the first channels.</summary>
        public void Write(float[] values, int[]? positions, int first, int lanes, int area)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                (float top, float bottom) = (0, 0);
                for (int f = 0; f < _frequencies; f++)
                {
                    top += _values[(f * Lanes) + lane];
                    bottom += _values[((_frequencies + f) * Lanes) + lane];
                }

                int channel = first + lane;
                values[3 * channel] = _average[lane] / area;
                values[(3 * channel) + 1] = top / _frequencies;
                values[(3 * channel) + 2] = bottom / _frequencies;
                for (int f = 0; positions is not null && f < 2 * _frequencies; f++)
                {
                    positions[(2 * _frequencies * channel) + f] = _positions![(f * Lanes) + lane];
                }
            }
        }

        private static void Search(float* pixels, int count, float* image, float* tops, float* bottoms)
        {
            Vector512<float> top = Vector512.Load(tops);
            Vector512<float> bottom = Vector512.Load(bottoms);
            for (int i = 0; i < count; i++)
            {
                Vector512<float> product = Vector512.Load(pixels + (i * Lanes)) * image[i];
                top = Vector512.ConditionalSelect(Vector512.GreaterThan(product, top), product, top);
                bottom = Vector512.ConditionalSelect(Vector512.LessThan(product, bottom), product, bottom);
            }

            top.Store(tops);
            bottom.Store(bottoms);
        }

        private static void Search(
            float* pixels, int count, int start, float* image, float* tops, float* bottoms, int* topsAt, int* bottomsAt)
        {
            Vector512<float> top = Vector512.Load(tops);
            Vector512<float> bottom = Vector512.Load(bottoms);
            Vector512<int> topAt = Vector512.Load(topsAt);
            Vector512<int> bottomAt = Vector512.Load(bottomsAt);
            for (int i = 0; i < count; i++)
            {
                Vector512<float> product = Vector512.Load(pixels + (i * Lanes)) * image[i];
                Vector512<int> position = Vector512.Create(start + i);

                // Strictly: of equal products the first stays.
                Vector512<float> above = Vector512.GreaterThan(product, top);
                Vector512<float> below = Vector512.LessThan(product, bottom);
                top = Vector512.ConditionalSelect(above, product, top);
                bottom = Vector512.ConditionalSelect(below, product, bottom);
                topAt = Vector512.ConditionalSelect(above.AsInt32(), position, topAt);
                bottomAt = Vector512.ConditionalSelect(below.AsInt32(), position, bottomAt);
            }

            top.Store(tops);
            bottom.Store(bottoms);
            topAt.Store(topsAt);
            bottomAt.Store(bottomsAt);
        }
    }
}
