using System.Numerics;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Imaging;

/// <summary>Resizes images the way PIL does, so that a network sees what the published one was trained on.</summary>
public static class ImageResizer
{
    /// <summary>
    /// Bilinear resampling with antialiasing: PIL's <c>resize(…, BILINEAR)</c> without its rounding to 8 bits, so the two
    /// agree within 1 of 255. When shrinking, the triangle filter widens with the factor; without that, up to 92 of 255
    /// are lost to aliasing.
    /// </summary>
    /// <param name="image">C×H×W; also a mask, whose edges become soft.</param>
    /// <param name="height">New height, at least 1.</param>
    /// <param name="width">New width, at least 1.</param>
    /// <returns>A new image of C×height×width; the image itself where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static FloatImage Bilinear(FloatImage image, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        FloatImage result = image;
        if (width != image.Width)
        {
            result = Horizontal(result, width);
        }

        return height != image.Height ? Vertical(result, height) : result;
    }

    /// <summary>Nearest-neighbour resampling as PIL's <c>resize(…, NEAREST)</c>: no new values arise.</summary>
    /// <param name="image">C×H×W.</param>
    /// <param name="height">New height, at least 1.</param>
    /// <param name="width">New width, at least 1.</param>
    /// <returns>A new image of C×height×width; the image itself where the size is the same.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public static FloatImage Nearest(FloatImage image, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (height == image.Height && width == image.Width)
        {
            return image;
        }

        var columns = new int[width];
        for (int x = 0; x < width; x++)
        {
            columns[x] = Math.Min((int)((x + 0.5) * image.Width / width), image.Width - 1);
        }

        FloatImage result = FloatImage.Uninitialized(image.Channels, height, width);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> source = image.Row(c, Math.Min((int)((y + 0.5) * image.Height / height), image.Height - 1));
                Span<float> target = result.Row(c, y);
                for (int x = 0; x < width; x++)
                {
                    target[x] = source[columns[x]];
                }
            }
        }

        return result;
    }

    private static FloatImage Horizontal(FloatImage image, int width)
    {
        Axis axis = Axis.Triangle(image.Width, width);
        FloatImage result = FloatImage.Uninitialized(image.Channels, image.Height, width);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<float> source = image.Row(c, y);
                Span<float> target = result.Row(c, y);
                for (int x = 0; x < target.Length; x++)
                {
                    ReadOnlySpan<float> weights = axis.WeightsOf(x);
                    ReadOnlySpan<float> taps = source.Slice(axis.First[x], weights.Length);
                    float sum = 0;
                    for (int i = 0; i < weights.Length; i++)
                    {
                        sum += weights[i] * taps[i];
                    }

                    target[x] = sum;
                }
            }
        }

        return result;
    }

    private static FloatImage Vertical(FloatImage image, int height)
    {
        Axis axis = Axis.Triangle(image.Height, height);
        FloatImage result = FloatImage.Uninitialized(image.Channels, height, image.Width);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> weights = axis.WeightsOf(y);
                Span<float> target = result.Row(c, y);
                target.Clear();
                for (int i = 0; i < weights.Length; i++)
                {
                    AddScaled(image.Row(c, axis.First[y] + i), weights[i], target);
                }
            }
        }

        return result;
    }

    /// <summary>Adds a row, multiplied by a weight, to another.</summary>
    internal static void AddScaled(ReadOnlySpan<float> source, float weight, Span<float> target)
    {
        ReadOnlySpan<Vector<float>> wideSource = MemoryMarshal.Cast<float, Vector<float>>(source);
        Span<Vector<float>> wideTarget = MemoryMarshal.Cast<float, Vector<float>>(target);
        for (int i = 0; i < wideTarget.Length; i++)
        {
            wideTarget[i] += wideSource[i] * weight;
        }

        for (int i = wideTarget.Length * Vector<float>.Count; i < target.Length; i++)
        {
            target[i] += source[i] * weight;
        }
    }

    /// <summary>Which input positions make up each output position along one axis, and with which weights.</summary>
    private sealed class Axis
    {
        private readonly float[] _weights;
        private readonly int[] _counts;
        private readonly int _stride;

        private Axis(int[] first, int[] counts, float[] weights, int stride)
        {
            First = first;
            _counts = counts;
            _weights = weights;
            _stride = stride;
        }

        public int[] First { get; }

        public ReadOnlySpan<float> WeightsOf(int position) => _weights.AsSpan(position * _stride, _counts[position]);

        /// <summary>PIL's <c>precompute_coeffs</c> for the triangle filter.</summary>
        public static Axis Triangle(int input, int output)
        {
            double scale = (double)input / output;
            double support = Math.Max(scale, 1);
            int stride = ((int)Math.Ceiling(support) * 2) + 1;
            var first = new int[output];
            var counts = new int[output];
            var weights = new float[(long)output * stride];
            Span<double> exact = stride <= 256 ? stackalloc double[stride] : new double[stride];
            for (int position = 0; position < output; position++)
            {
                double center = (position + 0.5) * scale;
                int from = Math.Max((int)(center - support + 0.5), 0);
                int to = Math.Min((int)(center + support + 0.5), input);
                double sum = 0;
                for (int i = from; i < to; i++)
                {
                    exact[i - from] = Math.Max(0, 1 - Math.Abs((i - center + 0.5) / support));
                    sum += exact[i - from];
                }

                for (int i = 0; i < to - from; i++)
                {
                    weights[(position * stride) + i] = (float)(exact[i] / sum);
                }

                first[position] = from;
                counts[position] = to - from;
            }

            return new Axis(first, counts, weights, stride);
        }
    }
}
