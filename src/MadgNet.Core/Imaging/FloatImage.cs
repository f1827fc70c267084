using System.Runtime.InteropServices;
using MadgNet.Core.Runtime;
using static TorchSharp.torch;

namespace MadgNet.Core.Imaging;

/// <summary>
/// A planar image of 32-bit floats in managed memory, C×H×W: what transforms act on and a network sees. Images hold
/// 0..1 unless a normalisation says otherwise; masks hold one plane of 0..1.
/// </summary>
public sealed class FloatImage
{
    private readonly float[] _data;

    /// <summary>Creates an image of zeros.</summary>
    /// <param name="channels">Number of planes, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the image would exceed 2³¹ values.</exception>
    public FloatImage(int channels, int height, int width)
        : this(channels, height, width, new float[Length(channels, height, width)])
    {
    }

    /// <summary>Creates an image around an array.</summary>
    /// <param name="channels">Number of planes, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="data">channels·height·width values, plane after plane, row after row; kept, not copied.</param>
    /// <exception cref="ArgumentException">The array's length does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public FloatImage(int channels, int height, int width, float[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Length != Length(channels, height, width))
        {
            throw new ArgumentException(
                $"received {data.Length} values; expected {(long)channels * height * width} for {channels}×{height}×{width}. Pass an "
                    + $"array of that length.",
                nameof(data));
        }

        Channels = channels;
        Height = height;
        Width = width;
        _data = data;
    }

    /// <summary>Number of planes.</summary>
    public int Channels { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>All values, C×H×W; writing to it changes the image.</summary>
    public Span<float> Data => _data;

    /// <summary>One value.</summary>
    /// <param name="channel">Plane, 0 … Channels − 1.</param>
    /// <param name="y">Row, 0 … Height − 1.</param>
    /// <param name="x">Column, 0 … Width − 1.</param>
    /// <returns>The value.</returns>
    public float this[int channel, int y, int x]
    {
        get => _data[Index(channel, y, x)];
        set => _data[Index(channel, y, x)] = value;
    }

    /// <summary>One plane, H×W; writing to it changes the image.</summary>
    /// <param name="channel">Plane, 0 … Channels − 1.</param>
    /// <returns>The plane's values, row after row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    public Span<float> Plane(int channel)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)Channels, nameof(channel));
        return _data.AsSpan(channel * Height * Width, Height * Width);
    }

    /// <summary>One row of one plane; writing to it changes the image.</summary>
    /// <param name="channel">Plane, 0 … Channels − 1.</param>
    /// <param name="y">Row, 0 … Height − 1.</param>
    /// <returns>The row's values, from left to right.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<float> Row(int channel, int y) => _data.AsSpan(Index(channel, y, 0), Width);

    /// <summary>An independent copy.</summary>
    /// <returns>A new image of the same values.</returns>
    public FloatImage Clone() => new(Channels, Height, Width, (float[])_data.Clone());

    /// <summary>The image with one or three channels: one is repeated, three become ITU-R 601 luma (0.299, 0.587, 0.114).</summary>
    /// <param name="channels">Not <see cref="ImageChannels.AsStored"/> where the image has neither one nor three channels.</param>
    /// <returns>The image itself where nothing is to be done, a new one otherwise.</returns>
    /// <exception cref="ArgumentException">The image has neither one nor three channels.</exception>
    public FloatImage WithChannels(ImageChannels channels)
    {
        int wanted = channels switch
        {
            ImageChannels.Gray => 1,
            ImageChannels.Rgb => 3,
            _ => Channels,
        };
        if (wanted == Channels)
        {
            return this;
        }

        if (Channels is not (1 or 3))
        {
            throw new ArgumentException(
                $"received an image of {Channels} channels; expected 1 or 3, as only these are known to be grey or RGB. Select the "
                    + $"channels by hand.",
                nameof(channels));
        }

        FloatImage result = Uninitialized(wanted, Height, Width);
        if (wanted == 3)
        {
            for (int c = 0; c < 3; c++)
            {
                Data.CopyTo(result.Plane(c));
            }

            return result;
        }

        Span<float> red = Plane(0);
        Span<float> green = Plane(1);
        Span<float> blue = Plane(2);
        Span<float> gray = result.Data;
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = (0.299f * red[i]) + (0.587f * green[i]) + (0.114f * blue[i]);
        }

        return result;
    }

    /// <summary>An image of 8-bit values, spread over 0..1.</summary>
    /// <param name="channels">Number of planes, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="data">
    /// channels·height·width bytes from the top row on: pixel after pixel (R, G, B, R, G, B, …) as cameras and bitmaps have them,
    /// or plane after plane. Rows have no padding; for a stride, or blue first, see <see cref="PixelImage.Copy"/>.
    /// </param>
    /// <param name="planar">Whether plane follows plane.</param>
    /// <returns>A new image; byte b becomes b / 255.</returns>
    /// <exception cref="ArgumentException">The number of bytes does not fit the size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the image would exceed 2³¹ values.</exception>
    public static FloatImage FromBytes(int channels, int height, int width, ReadOnlySpan<byte> data, bool planar = false)
    {
        if (data.Length != Length(channels, height, width))
        {
            throw new ArgumentException(
                $"received {data.Length} bytes; expected {(long)channels * height * width} for {channels}×{height}×{width}. Pass rows "
                    + $"without padding.",
                nameof(data));
        }

        FloatImage image = Uninitialized(channels, height, width);
        int plane = height * width;
        for (int c = 0; c < channels; c++)
        {
            Span<float> target = image.Plane(c);
            for (int i = 0; i < plane; i++)
            {
                target[i] = data[planar ? (c * plane) + i : (i * channels) + c] / 255f;
            }
        }

        return image;
    }

    /// <summary>
    /// The smallest and the largest value that lie outside of 0..1 by more than rounding; null where none does, NaN counts as one.
    /// </summary>
    internal (float Low, float High)? OutOfRange()
    {
        const float slack = 1e-3f;
        float low = float.PositiveInfinity;
        float high = float.NegativeInfinity;
        bool isNumber = true;
        foreach (float value in _data)
        {
            isNumber &= !float.IsNaN(value);
            low = value < low ? value : low;
            high = value > high ? value : high;
        }

        return !isNumber ? (float.NaN, float.NaN) : low < -slack || high > 1 + slack ? (low, high) : null;
    }

    /// <summary>The image as a tensor on the CPU, C×H×W float32.</summary>
    /// <returns>A new tensor that the caller disposes.</returns>
    public Tensor ToTensor()
    {
        NativeRuntime.EnsureAvailable();
        Tensor tensor = empty([Channels, Height, Width], ScalarType.Float32);
        tensor.bytes = MemoryMarshal.AsBytes(Data);
        return tensor;
    }

    /// <summary>Copies a tensor into an image.</summary>
    /// <param name="tensor">C×H×W or H×W of any real type on any device.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The tensor has neither two nor three dimensions.</exception>
    /// <exception cref="TensorShapeException">The tensor is complex or sparse.</exception>
    public static FloatImage FromTensor(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.is_complex() || tensor.is_sparse)
        {
            throw new TensorShapeException(new Problem(
                "image",
                TensorShapeException.Describe(tensor),
                "a dense tensor of real numbers",
                "Take its absolute value or real part, or make it dense, first"));
        }

        if (tensor.dim() is not (2 or 3))
        {
            throw new ArgumentException(
                $"received a tensor of {tensor.dim()} dimensions; expected C×H×W or H×W. Take one image out of a batch first, for "
                    + $"example with tensor[0].",
                nameof(tensor));
        }

        using var scope = NewDisposeScope();
        Tensor plain = tensor.detach().cpu().to(ScalarType.Float32).contiguous();
        int channels = tensor.dim() == 3 ? (int)tensor.size(0) : 1;
        FloatImage result = Uninitialized(channels, (int)tensor.size(-2), (int)tensor.size(-1));
        plain.bytes.CopyTo(MemoryMarshal.AsBytes(result.Data));
        return result;
    }

    /// <summary>An image whose values the caller overwrites all: saves clearing the memory first.</summary>
    internal static FloatImage Uninitialized(int channels, int height, int width) =>
        new(channels, height, width, GC.AllocateUninitializedArray<float>(Length(channels, height, width)));

    private static int Length(int channels, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        long length = (long)channels * height * width;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength);
        return (int)length;
    }

    private int Index(int channel, int y, int x)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)channel, (uint)Channels, nameof(channel));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        return (((channel * Height) + y) * Width) + x;
    }
}
