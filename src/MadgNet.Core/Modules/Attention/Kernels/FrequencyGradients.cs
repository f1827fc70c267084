using System.Runtime.Intrinsics;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>The two passes over memory that the derivative of multi-frequency channel attention takes.</summary>
internal static unsafe class FrequencyGradients
{
    private const int Lanes = 16;

    /// <summary>About how many values make a task, and are summed before their sum is added to the others.</summary>
    private const int TaskLength = 1 << 15;

    /// <summary>The derivative by the weights of the channels, N×C: the sum over the pixels of gradient times map.</summary>
    public static float[] ByWeights(in FeatureMemory gradient, in FeatureMemory map) =>
        map.Half ? ByWeights<BrainElement>(gradient, map) : ByWeights<SingleElement>(gradient, map);

    /// <summary>
    /// The derivative by the map: <c>gradient·weight</c>, and what comes back through the statistics. The average is the sum
    /// over the map with one image, the same for every channel; an extreme has its derivative at the pixels of its window.
    /// </summary>
    /// <param name="gradient">The derivative of the loss by the weighted map.</param>
    /// <param name="result">The memory to write, of the same shape, type and order.</param>
    /// <param name="basis">The basis images.</param>
    /// <param name="weights">N×C, the weights of the channels.</param>
    /// <param name="byStatistics">N×C×3, the derivative by the statistics.</param>
    /// <param name="positions">N×C×2F, where the extremes lie in the pooled map.</param>
    public static void ByMap(
        in FeatureMemory gradient, in FeatureMemory result, DctBasis basis, float[] weights, float[] byStatistics, int[] positions)
    {
        if (gradient.Half)
        {
            ByMap<BrainElement>(gradient, result, basis, weights, byStatistics, positions);
        }
        else
        {
            ByMap<SingleElement>(gradient, result, basis, weights, byStatistics, positions);
        }
    }

    private static float[] ByWeights<T>(FeatureMemory gradient, FeatureMemory map)
        where T : IElement
    {
        var sums = new float[map.Batch * map.Channels];
        int channels = map.Channels;
        if (!map.ChannelsLast)
        {
            ParallelTasks.Run(sums.Length, plane => sums[plane] = Dot<T>(gradient.Data, map.Data, (long)plane * map.Area, map.Area));
            return sums;
        }

        int pixels = Math.Max(1, TaskLength / channels);
        int parts = (map.Area + pixels - 1) / pixels;
        var found = new float[map.Batch * parts][];
        ParallelTasks.Run(found.Length, task =>
        {
            var sum = new float[channels];
            int end = Math.Min(map.Area, ((task % parts) + 1) * pixels);
            fixed (float* totals = sum)
            {
                for (int pixel = task % parts * pixels; pixel < end; pixel++)
                {
                    long start = (((long)(task / parts) * map.Area) + pixel) * channels;
                    int channel = 0;
                    for (; channel <= channels - Lanes; channel += Lanes)
                    {
                        Vector512<float> product = T.Load(gradient.Data, start + channel) * T.Load(map.Data, start + channel);
                        (Vector512.Load(totals + channel) + product).Store(totals + channel);
                    }

                    for (; channel < channels; channel++)
                    {
                        totals[channel] += T.Read(gradient.Data, start + channel) * T.Read(map.Data, start + channel);
                    }
                }
            }

            found[task] = sum;
        });

        for (int task = 0; task < found.Length; task++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                sums[(task / parts * channels) + channel] += found[task][channel];
            }
        }

        return sums;
    }

    private static float Dot<T>(nint left, nint right, long start, int count)
        where T : IElement
    {
        float total = 0;
        for (int block = 0; block < count; block += TaskLength)
        {
            int end = Math.Min(count, block + TaskLength);
            Vector512<float> sum = Vector512<float>.Zero;
            int i = block;
            for (; i <= end - Lanes; i += Lanes)
            {
                sum += T.Load(left, start + i) * T.Load(right, start + i);
            }

            total += Vector512.Sum(sum);
            for (; i < end; i++)
            {
                total += T.Read(left, start + i) * T.Read(right, start + i);
            }
        }

        return total;
    }

    private static void ByMap<T>(
        FeatureMemory gradient, FeatureMemory result, DctBasis basis, float[] weights, float[] byStatistics, int[] positions)
        where T : IElement
    {
        int channels = gradient.Channels;
        int area = gradient.Area;
        var rows = new PoolingWindows(gradient.Height, basis.Size);
        var columns = new PoolingWindows(gradient.Width, basis.Size);
        float[] average = Spread(basis, rows, columns, gradient.Height, gradient.Width);
        if (!gradient.ChannelsLast)
        {
            ParallelTasks.Run(gradient.Batch * channels, plane =>
            {
                fixed (float* image = average)
                {
                    Scale<T>(gradient.Data, result.Data, image, (long)plane * area, area, weights[plane], byStatistics[3 * plane]);
                }

                AddExtremes<T>(result, (long)plane * area, 1, basis, rows, columns, byStatistics, positions, plane);
            });
            return;
        }

        int pixels = Math.Max(1, TaskLength / channels);
        int parts = (area + pixels - 1) / pixels;
        var averages = new float[gradient.Batch * channels];
        for (int i = 0; i < averages.Length; i++)
        {
            averages[i] = byStatistics[3 * i];
        }

        ParallelTasks.Run(gradient.Batch * parts, task =>
        {
            int image = task / parts;
            int end = Math.Min(area, ((task % parts) + 1) * pixels);
            fixed (float* weight = &weights[image * channels], byAverage = &averages[image * channels])
            {
                for (int pixel = task % parts * pixels; pixel < end; pixel++)
                {
                    long start = (((long)image * area) + pixel) * channels;
                    int channel = 0;
                    for (; channel <= channels - Lanes; channel += Lanes)
                    {
                        Vector512<float> value = T.Load(gradient.Data, start + channel) * Vector512.Load(weight + channel);
                        T.Store(value + (Vector512.Load(byAverage + channel) * average[pixel]), result.Data, start + channel);
                    }

                    for (; channel < channels; channel++)
                    {
                        T.Write(
                            (T.Read(gradient.Data, start + channel) * weight[channel]) + (byAverage[channel] * average[pixel]),
                            result.Data,
                            start + channel);
                    }
                }
            }
        });
        ParallelTasks.Run(gradient.Batch, image =>
        {
            for (int channel = 0; channel < channels; channel++)
            {
                AddExtremes<T>(
                    result,
                    ((long)image * area * channels) + channel,
                    channels,
                    basis,
                    rows,
                    columns,
                    byStatistics,
                    positions,
                    (image * channels) + channel);
            }
        });
    }

    private static void Scale<T>(nint gradient, nint result, float* image, long start, int count, float weight, float byAverage)
        where T : IElement
    {
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            T.Store((T.Load(gradient, start + i) * weight) + (Vector512.Load(image + i) * byAverage), result, start + i);
        }

        for (; i < count; i++)
        {
            T.Write((T.Read(gradient, start + i) * weight) + (image[i] * byAverage), result, start + i);
        }
    }

    /// <summary>Adds the derivatives by the extremes of one channel, whose pixels lie a step apart from a first on.</summary>
    private static void AddExtremes<T>(
        in FeatureMemory result,
        long first,
        int step,
        DctBasis basis,
        PoolingWindows rows,
        PoolingWindows columns,
        float[] byStatistics,
        int[] positions,
        int plane)
        where T : IElement
    {
        (int size, int frequencies) = (basis.Size, basis.Frequencies);
        for (int i = 0; i < 2 * frequencies; i++)
        {
            int frequency = i < frequencies ? i : i - frequencies;
            float derivative = byStatistics[(3 * plane) + (i < frequencies ? 1 : 2)] / frequencies;
            int position = positions[(2 * frequencies * plane) + i];
            (int row, int column) = (position / size, position % size);
            (int top, int bottom, int left, int right) = (rows.First[row], rows.End[row], columns.First[column], columns.End[column]);
            float share = derivative * basis.Images[(frequency * size * size) + position] / ((bottom - top) * (right - left));
            for (int h = top; h < bottom; h++)
            {
                for (int w = left; w < right; w++)
                {
                    long at = first + (((long)(h * result.Width) + w) * step);
                    T.Write(T.Read(result.Data, at) + share, result.Data, at);
                }
            }
        }
    }

    /// <summary>
    /// The image H×W whose product with a map sums to the map's average statistic: the mean basis image, taken back through the pooling.
    /// </summary>
    private static float[] Spread(DctBasis basis, PoolingWindows rows, PoolingWindows columns, int height, int width)
    {
        int size = basis.Size;
        var image = new float[height * width];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                int count = (rows.End[i] - rows.First[i]) * (columns.End[j] - columns.First[j]);
                float share = basis.MeanImage[(i * size) + j] / ((float)size * size * count);
                for (int h = rows.First[i]; h < rows.End[i]; h++)
                {
                    for (int w = columns.First[j]; w < columns.End[j]; w++)
                    {
                        image[(h * width) + w] += share;
                    }
                }
            }
        }

        return image;
    }
}
