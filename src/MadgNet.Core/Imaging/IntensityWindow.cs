namespace MadgNet.Core.Imaging;

/// <summary>
/// The range of intensities that is spread over 0..1 when an image becomes floats; what lies below becomes 0, what lies
/// above 1. Meant for CT and other images that use a small part of their bit depth.
/// </summary>
public sealed record IntensityWindow : IDescribed
{
    private enum Kind
    {
        Range,
        Percentiles,
    }

    private readonly Kind _kind;
    private readonly double _low;
    private readonly double _high;

    private IntensityWindow(Kind kind, double low, double high)
    {
        _kind = kind;
        _low = low;
        _high = high;
    }

    /// <summary>From the image's own smallest to its own largest value, over all colour channels together.</summary>
    public static IntensityWindow MinMax { get; } = new(Kind.Percentiles, 0, 100);

    /// <summary>
    /// A window as CT viewers give it, in the values that the file means (with its offset): Hounsfield units for a reader that keeps them.
    /// </summary>
    /// <param name="center">The middle of the window, for example −600 for lung.</param>
    /// <param name="width">The width of the window, positive, for example 1500 for lung.</param>
    /// <returns>The window from <c>center − width/2</c> to <c>center + width/2</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The width is not positive, or a value is not finite.</exception>
    public static IntensityWindow CenterWidth(double center, double width)
    {
        if (!double.IsFinite(center) || !double.IsFinite(width) || width <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width),
                width,
                $"received a window of centre {center} and width {width}; expected finite numbers and a positive width. Pass for "
                    + $"example CenterWidth(-600, 1500) for lung in Hounsfield units.");
        }

        return new IntensityWindow(Kind.Range, center - (width / 2), center + (width / 2));
    }

    /// <summary>From one value to another that is not below it; where they are equal, everything becomes 0.</summary>
    internal static IntensityWindow Between(double low, double high) => new(Kind.Range, low, high);

    /// <summary>
    /// From one percentile of the image's own values to another, over all colour channels together; robust against single bright pixels.
    /// </summary>
    /// <param name="low">Lower percentile, 0 … 100.</param>
    /// <param name="high">Upper percentile, 0 … 100, above <paramref name="low"/>.</param>
    /// <returns>The window.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The percentiles do not rise within 0 … 100.</exception>
    public static IntensityWindow Percentiles(double low, double high)
    {
        if (!(low >= 0 && high <= 100 && low < high))
        {
            throw new ArgumentOutOfRangeException(
                nameof(low),
                low,
                $"received percentiles {low} and {high}; expected 0 ≤ low < high ≤ 100. Pass for example Percentiles(1, 99).");
        }

        return new IntensityWindow(Kind.Percentiles, low, high);
    }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
        [(_kind == Kind.Range ? "Values" : "Percentiles", new object[] { _low, _high })];

    /// <summary>
    /// The window's bounds for one image, in the values that the file means (with its scale and offset); percentiles leave padding out.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <returns>The value that becomes 0 and the value that becomes 1; equal for a constant image, which becomes 0.</returns>
    public (double Low, double High) Bounds(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (_kind == Kind.Range)
        {
            return (_low, _high);
        }

        var histogram = new long[image.Maximum + 1];
        int colors = Math.Min(image.Channels, 3);
        for (int c = 0; c < colors; c++)
        {
            if (image.BitDepth == 8)
            {
                ReadOnlySpan<byte> bytes = image.Bytes;
                for (int i = c; i < bytes.Length; i += image.Channels)
                {
                    histogram[bytes[i]]++;
                }
            }
            else
            {
                ReadOnlySpan<ushort> words = image.Words;
                for (int i = c; i < words.Length; i += image.Channels)
                {
                    histogram[words[i]]++;
                }
            }
        }

        long count = (long)image.Width * image.Height * colors;
        if (image.Padding is { } padding && padding >= 0 && padding < histogram.Length)
        {
            count -= histogram[padding];
            histogram[padding] = 0;
        }

        if (count == 0)
        {
            return (image.Offset, image.Offset);
        }

        double low = Percentile(histogram, count, _low);
        double high = Percentile(histogram, count, _high);
        return ((low * image.Scale) + image.Offset, (high * image.Scale) + image.Offset);
    }

    /// <summary>Linear interpolation between the two nearest ranks, numpy's default.</summary>
    private static double Percentile(long[] histogram, long count, double percent)
    {
        double position = percent / 100 * (count - 1);
        long rank = (long)Math.Floor(position);
        double lower = ValueAt(histogram, rank);
        double upper = ValueAt(histogram, Math.Min(rank + 1, count - 1));
        return lower + ((position - rank) * (upper - lower));
    }

    private static int ValueAt(long[] histogram, long rank)
    {
        long seen = 0;
        for (int value = 0; value < histogram.Length; value++)
        {
            seen += histogram[value];
            if (seen > rank)
            {
                return value;
            }
        }

        return histogram.Length - 1;
    }
}
