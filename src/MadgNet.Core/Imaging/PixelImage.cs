using System.Runtime.InteropServices;

namespace MadgNet.Core.Imaging;

/// <summary>
/// An image as a file stores it: integers, interleaved (all channels of a pixel follow one another), rows from top to
/// bottom. Nothing is scaled, so a 16-bit file keeps its 16 bits.
/// </summary>
/// <remarks>Immutable by contract: whoever hands an array to it stops writing to that array.</remarks>
public sealed class PixelImage
{
    private readonly byte[]? _bytes;
    private readonly ushort[]? _words;

    /// <summary>Creates an 8-bit image around an array.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 (grey), 3 (RGB) or 4 (RGB and alpha, not premultiplied).</param>
    /// <param name="samples">height·width·channels samples; kept, not copied.</param>
    /// <exception cref="ArgumentException">The array's length does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or the channels are none of 1, 3, 4.</exception>
    public PixelImage(int width, int height, int channels, byte[] samples)
        : this(width, height, channels, samples?.Length ?? throw new ArgumentNullException(nameof(samples)))
    {
        BitDepth = 8;
        _bytes = samples;
    }

    /// <summary>Creates a 16-bit image around an array.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 (grey), 3 (RGB) or 4 (RGB and alpha, not premultiplied).</param>
    /// <param name="samples">height·width·channels samples; kept, not copied.</param>
    /// <param name="offset">
    /// What is added to a sample to get the value that the file means: −32768 for signed files, −1024 for a reader that
    /// stores Hounsfield units shifted by 1024. Intensity windows are given in these values; <see cref="Scale"/> spreads them.
    /// </param>
    /// <exception cref="ArgumentException">The array's length does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive or the channels are none of 1, 3, 4.</exception>
    public PixelImage(int width, int height, int channels, ushort[] samples, int offset = 0)
        : this(width, height, channels, samples?.Length ?? throw new ArgumentNullException(nameof(samples)))
    {
        BitDepth = 16;
        Offset = offset;
        _words = samples;
    }

    private PixelImage(int width, int height, int channels, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3 or 4))
        {
            throw new ArgumentOutOfRangeException(
                nameof(channels),
                channels,
                $"received {channels} channels; expected 1 (grey), 3 (RGB) or 4 (RGB and alpha). Drop or repeat channels first.");
        }

        if (length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"received {length} samples; expected {(long)width * height * channels} for {width}×{height} pixels of {channels} "
                    + $"channels. Pass an array of that length.",
                nameof(length));
        }

        Width = width;
        Height = height;
        Channels = channels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>1 (grey), 3 (RGB) or 4 (RGB and alpha).</summary>
    public int Channels { get; }

    /// <summary>8 or 16. Files of fewer bits are widened: 1-bit images hold 0 and 255.</summary>
    public int BitDepth { get; }

    /// <summary>What is added to a sample to get the value that the file means; 0 for every 8-bit image.</summary>
    public int Offset { get; }

    /// <summary>
    /// What a sample is multiplied by before <see cref="Offset"/> is added; 1, the default, unless a reader spread real numbers over 16
    /// bits, as TIFF files of them are. Finite and above 0.
    /// </summary>
    public double Scale
    {
        get;
        init => field = double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, "Expected a finite number above 0. Leave the default, 1, for samples that mean themselves.");
    } = 1;

    /// <summary>
    /// The sample that marks pixels outside of the image, which windows from darkest to brightest and by percentiles leave out; null, the
    /// default, for none.
    /// </summary>
    public int? Padding { get; init; }

    /// <summary>How many pages or frames the file has that the image was read from; this image is one of them. Default 1.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>The largest sample that the bit depth can hold: 255 or 65535.</summary>
    public int Maximum => BitDepth == 8 ? byte.MaxValue : ushort.MaxValue;

    /// <summary>The samples of an 8-bit image, height×width×channels; empty for a 16-bit image.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The samples of a 16-bit image, height×width×channels; empty for an 8-bit image.</summary>
    public ReadOnlySpan<ushort> Words => _words;

    /// <summary>Copies a buffer of pixels, whose rows may be padded, into an image.</summary>
    /// <param name="pixels">The rows from top to bottom; the last one may end with its last pixel.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="stride">Bytes from the beginning of a row to that of the next, at least those of its pixels.</param>
    /// <param name="layout">How a pixel lies in memory.</param>
    /// <returns>A new image of 1, 3 or 4 channels. The buffer is not kept.</returns>
    /// <exception cref="ArgumentException">The buffer is too short, or the stride shorter than a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the layout is unknown.</exception>
    public static PixelImage Copy(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        int size = layout switch
        {
            PixelLayout.Gray8 => 1,
            PixelLayout.Gray16 => 2,
            PixelLayout.Rgb24 or PixelLayout.Bgr24 => 3,
            PixelLayout.Rgba32 or PixelLayout.Bgra32 => 4,
            _ => throw new ArgumentOutOfRangeException(
                nameof(layout),
                layout,
                $"Expected one of {string.Join(", ", Enum.GetNames<PixelLayout>())}. Choose the layout that the buffer has."),
        };
        long row = (long)width * size;
        if (stride < row)
        {
            throw new ArgumentException(
                $"received a stride of {stride} bytes; expected {row} or more for {width} pixels of {layout}. Pass the distance of two "
                    + $"rows in bytes.",
                nameof(stride));
        }

        long needed = ((long)stride * (height - 1)) + row;
        if (pixels.Length < needed)
        {
            throw new ArgumentException(
                $"received {pixels.Length} bytes; expected {needed} or more for {width}×{height} pixels of {layout} with a stride of "
                    + $"{stride}. Pass the whole buffer.",
                nameof(pixels));
        }

        if (layout == PixelLayout.Gray16)
        {
            var words = new ushort[(long)width * height];
            for (int y = 0; y < height; y++)
            {
                pixels.Slice(y * stride, (int)row).CopyTo(MemoryMarshal.AsBytes(words.AsSpan(y * width, width)));
            }

            return new PixelImage(width, height, 1, words);
        }

        var bytes = new byte[row * height];
        for (int y = 0; y < height; y++)
        {
            pixels.Slice(y * stride, (int)row).CopyTo(bytes.AsSpan(y * (int)row));
        }

        if (layout is PixelLayout.Bgr24 or PixelLayout.Bgra32)
        {
            for (int i = 0; i < bytes.Length; i += size)
            {
                (bytes[i], bytes[i + 2]) = (bytes[i + 2], bytes[i]);
            }
        }

        return new PixelImage(width, height, size, bytes);
    }

    /// <summary>One sample as stored, without <see cref="Offset"/>.</summary>
    /// <param name="x">Column, 0 … Width − 1.</param>
    /// <param name="y">Row, 0 … Height − 1.</param>
    /// <param name="channel">Channel, 0 … Channels − 1.</param>
    /// <returns>The sample.</returns>
    public int this[int x, int y, int channel]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)Channels, nameof(channel));
            int index = (((y * Width) + x) * Channels) + channel;
            return _bytes is not null ? _bytes[index] : _words![index];
        }
    }

    /// <summary>
    /// The image as floats of 0..1. Without a window the full range of the bit depth is scaled (a sample of 255, or
    /// 65535, becomes 1); with one, the window's lower bound becomes 0, its upper bound 1, and what lies outside is clipped.
    /// </summary>
    /// <param name="channels">How many channels the result has.</param>
    /// <param name="window">The range of intensities that is spread over 0..1; null for the full range.</param>
    /// <returns>A new image of 1 or 3 channels.</returns>
    public FloatImage ToFloat(ImageChannels channels = ImageChannels.AsStored, IntensityWindow? window = null)
    {
        PixelImage source = channels == ImageChannels.Gray ? ToGray() : this;
        int colors = source.Channels == 1 ? 1 : 3;
        int planes = channels == ImageChannels.Rgb ? 3 : colors;
        var result = new FloatImage(planes, Height, Width);
        (double low, double high) = window?.Bounds(source) ?? (source.Offset, (source.Maximum * source.Scale) + source.Offset);
        low = (low - source.Offset) / source.Scale;
        high = (high - source.Offset) / source.Scale;
        for (int c = 0; c < colors; c++)
        {
            Span<float> plane = result.Plane(c);
            if (source._bytes is { } bytes)
            {
                float[] table = ByteTable(low, high);
                for (int i = 0, j = c; i < plane.Length; i++, j += source.Channels)
                {
                    plane[i] = table[bytes[j]];
                }
            }
            else
            {
                ushort[] words = source._words!;
                for (int i = 0, j = c; i < plane.Length; i++, j += source.Channels)
                {
                    plane[i] = Spread(words[j], low, high);
                }
            }
        }

        for (int c = colors; c < planes; c++)
        {
            result.Plane(0).CopyTo(result.Plane(c));
        }

        return result;
    }

    /// <summary>A copy of a part.</summary>
    /// <param name="left">The first column, from 0.</param>
    /// <param name="top">The first row, from 0.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <returns>width×height pixels of the same channels, bit depth and offset.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the image.</exception>
    public PixelImage Crop(int left, int top, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - top);
        return _bytes is not null
            ? new PixelImage(width, height, Channels, Crop(_bytes, left, top, width, height)) { Scale = Scale, Padding = Padding }
            : new PixelImage(width, height, Channels, Crop(_words!, left, top, width, height), Offset) { Scale = Scale, Padding = Padding };
    }

    /// <summary>
    /// One channel: the image itself where it is grey, its ITU-R 601 luma otherwise (19595 R + 38470 G + 7471 B in 65536ths, rounded, as
    /// PIL has it).
    /// </summary>
    /// <returns>The image itself or a new one of one channel.</returns>
    public PixelImage ToGray()
    {
        if (Channels == 1)
        {
            return this;
        }

        int count = Width * Height;
        if (_bytes is { } bytes)
        {
            var gray = new byte[count];
            for (int i = 0, j = 0; i < count; i++, j += Channels)
            {
                gray[i] = (byte)(((bytes[j] * 19595) + (bytes[j + 1] * 38470) + (bytes[j + 2] * 7471) + 0x8000) >> 16);
            }

            return new PixelImage(Width, Height, 1, gray);
        }

        ushort[] words = _words!;
        var wide = new ushort[count];
        for (int i = 0, j = 0; i < count; i++, j += Channels)
        {
            wide[i] = (ushort)(((words[j] * 19595L) + (words[j + 1] * 38470L) + (words[j + 2] * 7471L) + 0x8000) >> 16);
        }

        return new PixelImage(Width, Height, 1, wide, Offset) { Scale = Scale };
    }

    /// <summary>The same pixels, told to be one of several pages of a file.</summary>
    internal PixelImage OfFile(int pages) => pages <= 1
        ? this
        : _bytes is not null
            ? new PixelImage(Width, Height, Channels, _bytes) { Scale = Scale, Padding = Padding, Pages = pages }
            : new PixelImage(Width, Height, Channels, _words!, Offset) { Scale = Scale, Padding = Padding, Pages = pages };

    private T[] Crop<T>(T[] samples, int left, int top, int width, int height)
    {
        var result = new T[width * height * Channels];
        for (int y = 0; y < height; y++)
        {
            samples.AsSpan((((top + y) * Width) + left) * Channels, width * Channels).CopyTo(result.AsSpan(y * width * Channels));
        }

        return result;
    }

    private static float Spread(int sample, double low, double high) =>
        high > low ? (float)Math.Clamp((sample - low) / (high - low), 0, 1) : 0;

    private static float[] ByteTable(double low, double high)
    {
        var table = new float[256];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = Spread(i, low, high);
        }

        return table;
    }
}
