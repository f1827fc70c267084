using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.Samples.Predict;

/// <summary>An RGB picture that is painted on pixel by pixel.</summary>
internal sealed class Canvas
{
    private readonly byte[] _samples;

    private Canvas(int width, int height)
    {
        Width = width;
        Height = height;
        _samples = new byte[width * height * 3];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>An image, each pixel as a square.</summary>
    public static Canvas Of(PixelImage image, int scale)
    {
        FloatImage pixels = image.ToFloat(ImageChannels.Rgb, IntensityWindow.MinMax);
        return Of(pixels, scale, (c, y, x) => pixels[c, y, x]);
    }

    /// <summary>A map in the colours black, violet, orange, white.</summary>
    public static Canvas Of(FloatImage map, int scale, float brightest) => Of(map, scale, (c, y, x) =>
    {
        float value = Math.Clamp(map[0, y, x] / brightest, 0, 1);
        return c switch
        {
            0 => Math.Clamp(1.8f * value, 0, 1),
            1 => Math.Clamp((1.8f * value) - 0.6f, 0, 1),
            _ => value < 0.5f ? 1.2f * value : Math.Abs(2.4f * (value - 0.75f)),
        };
    });

    /// <summary>Pictures of one height side by side.</summary>
    public static Canvas Beside(params IReadOnlyList<Canvas> parts)
    {
        const int Gap = 8;
        var result = new Canvas(parts.Sum(part => part.Width) + (Gap * (parts.Count - 1)), parts[0].Height);
        int left = 0;
        foreach (Canvas part in parts)
        {
            for (int y = 0; y < part.Height; y++)
            {
                part._samples.AsSpan(y * part.Width * 3, part.Width * 3).CopyTo(result._samples.AsSpan(((y * result.Width) + left) * 3));
            }

            left += part.Width + Gap;
        }

        return result;
    }

    /// <summary>Draws the contours of a region.</summary>
    public void Draw(Region region, int scale, (byte Red, byte Green, byte Blue) color)
    {
        foreach (IReadOnlyList<RegionPoint> contour in (IReadOnlyList<RegionPoint>[])[region.Outer, .. region.Holes])
        {
            for (int i = 0; i < contour.Count; i++)
            {
                RegionPoint from = contour[i];
                RegionPoint to = contour[(i + 1) % contour.Count];
                int steps = (int)Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)) * scale;
                for (int step = 0; step <= steps; step++)
                {
                    double share = steps == 0 ? 0 : step / (double)steps;
                    Set((int)((from.X + ((to.X - from.X) * share)) * scale), (int)((from.Y + ((to.Y - from.Y) * share)) * scale), color);
                }
            }
        }
    }

    public void Save(string path) => ImageWriter.Write(new PixelImage(Width, Height, 3, _samples), path);

    private static Canvas Of(FloatImage size, int scale, Func<int, int, int, float> value)
    {
        var result = new Canvas(size.Width * scale, size.Height * scale);
        for (int y = 0; y < result.Height; y++)
        {
            for (int x = 0; x < result.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    result._samples[(((y * result.Width) + x) * 3) + c] = (byte)(255 * value(c, y / scale, x / scale));
                }
            }
        }

        return result;
    }

    private void Set(int x, int y, (byte Red, byte Green, byte Blue) color)
    {
        int index = ((Math.Min(y, Height - 1) * Width) + Math.Min(x, Width - 1)) * 3;
        _samples[index] = color.Red;
        _samples[index + 1] = color.Green;
        _samples[index + 2] = color.Blue;
    }
}
