using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Small generated images and samples.</summary>
internal static class Samples
{
    /// <summary>An image whose values all differ, so that any change of place shows.</summary>
    public static FloatImage Ramp(int channels, int height, int width)
    {
        var image = new FloatImage(channels, height, width);
        for (int i = 0; i < image.Data.Length; i++)
        {
            image.Data[i] = (i + 1f) / (image.Data.Length + 1);
        }

        return image;
    }

    /// <summary>A mask with a filled rectangle.</summary>
    public static FloatImage Rectangle(int height, int width, int top, int left, int rows, int columns)
    {
        var mask = new FloatImage(1, height, width);
        for (int y = top; y < top + rows; y++)
        {
            mask.Row(0, y).Slice(left, columns).Fill(1);
        }

        return mask;
    }

    /// <summary>A sample with a ramp and a rectangle that is off-centre both ways.</summary>
    public static Sample Create(string name = "case", int channels = 3, int height = 12, int width = 16) =>
        new(name, Ramp(channels, height, width), [Rectangle(height, width, height / 6, width / 4, height / 2, width / 3)]);

    /// <summary>8-bit pixels from a function of place and channel.</summary>
    public static PixelImage Pixels(int width, int height, int channels, Func<int, int, int, byte> value)
    {
        var bytes = new byte[width * height * channels];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    bytes[(((y * width) + x) * channels) + c] = value(x, y, c);
                }
            }
        }

        return new PixelImage(width, height, channels, bytes);
    }

    /// <summary>A binary mask file's pixels: a disc of a given value.</summary>
    public static PixelImage Disc(int width, int height, byte foreground = 255) => Pixels(
        width,
        height,
        1,
        (x, y, _) => Math.Pow(x - (width / 2.0), 2) + Math.Pow(y - (height / 2.0), 2) < Math.Pow(Math.Min(width, height) / 3.0, 2)
            ? foreground
            : (byte)0);
}
