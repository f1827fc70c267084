using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>An RGB picture that is being drawn, in managed memory.</summary>
internal sealed class Raster
{
    private readonly byte[] _samples;

    public Raster(int width, int height, RgbColor background)
        : this(width, height, new byte[Length(width, height)])
    {
        Fill(0, 0, width, height, background);
    }

    private Raster(int width, int height, byte[] samples)
    {
        Width = width;
        Height = height;
        _samples = samples;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>A picture of an image of one or three planes of 0..1, enlarged by a whole number, brightened by a gamma below 1.</summary>
    public static Raster From(FloatImage image, int magnification = 1, double gamma = 1)
    {
        FloatImage shown = image.WithChannels(ImageChannels.Rgb);
        int height = checked(image.Height * magnification);
        int width = checked(image.Width * magnification);
        var samples = new byte[Length(width, height)];
        shown = ImageResizer.Bilinear(shown, height, width);
        byte[] levels = Levels(gamma);
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<float> plane = shown.Plane(c);
            for (int i = 0, j = c; i < plane.Length; i++, j += 3)
            {
                float value = plane[i];
                samples[j] = value > 0 ? levels[(int)((Math.Min(value, 1) * (levels.Length - 1)) + 0.5f)] : (byte)0;
            }
        }

        return new Raster(width, height, samples);
    }

    public static Raster From(PixelImage image, int magnification = 1, double gamma = 1) =>
        From(image.ToFloat(ImageChannels.Rgb), magnification, gamma);

    /// <summary>
    /// A picture of stored pixels at their own size, over the full range of the bit depth: as by way of floats, without their memory.
    /// </summary>
    public static Raster FromPixels(PixelImage image, IReadOnlyList<int>? channels = null, double gamma = 1)
    {
        channels ??= image.Channels == 1 ? [0] : [0, 1, 2];
        byte[] levels = Levels(gamma);
        var shown = new byte[image.Maximum + 1];
        for (int sample = 0; sample < shown.Length; sample++)
        {
            float value = (float)((double)sample / image.Maximum);
            shown[sample] = value > 0 ? levels[(int)((value * (levels.Length - 1)) + 0.5f)] : (byte)0;
        }

        (int red, int green, int blue) = (channels[0], channels[channels.Count / 2], channels[^1]);
        byte[] samples = GC.AllocateUninitializedArray<byte>(Length(image.Width, image.Height));
        int width = image.Width;
        int stride = image.Channels;
        bool same = image.BitDepth == 8 && stride == 3 && (red, green, blue) == (0, 1, 2)
            && shown.Select((value, sample) => value == sample).All(equal => equal);
        Parallel.For(0, image.Height, y =>
        {
            Span<byte> row = samples.AsSpan(y * width * 3, width * 3);
            if (same)
            {
                image.Bytes.Slice(y * width * 3, width * 3).CopyTo(row);
            }
            else if (image.BitDepth == 8)
            {
                ReadOnlySpan<byte> bytes = image.Bytes.Slice(y * width * stride, width * stride);
                for (int from = 0, at = 0; at < row.Length; from += stride, at += 3)
                {
                    (row[at], row[at + 1], row[at + 2]) = (shown[bytes[from + red]], shown[bytes[from + green]], shown[bytes[from + blue]]);
                }
            }
            else
            {
                ReadOnlySpan<ushort> words = image.Words.Slice(y * width * stride, width * stride);
                for (int from = 0, at = 0; at < row.Length; from += stride, at += 3)
                {
                    (row[at], row[at + 1], row[at + 2]) = (shown[words[from + red]], shown[words[from + green]], shown[words[from + blue]]);
                }
            }
        });
        return new Raster(width, image.Height, samples);
    }

    /// <summary>The picture, whose samples stay those of the raster: drawing ends here.</summary>
    public PixelImage ToImage() => new(Width, Height, 3, _samples);

    public void Fill(int x, int y, int width, int height, RgbColor color)
    {
        int right = Math.Min(Width, x + width);
        int bottom = Math.Min(Height, y + height);
        for (int row = Math.Max(0, y); row < bottom; row++)
        {
            for (int column = Math.Max(0, x); column < right; column++)
            {
                Set((row * Width) + column, color);
            }
        }
    }

    /// <summary>Copies a picture; what lies outside is cut off.</summary>
    public void Draw(PixelImage picture, int x, int y)
    {
        for (int row = 0; row < picture.Height; row++)
        {
            for (int column = 0; column < picture.Width; column++)
            {
                (int toX, int toY) = (x + column, y + row);
                if ((uint)toX < (uint)Width && (uint)toY < (uint)Height)
                {
                    Set((toY * Width)
                        + toX, new RgbColor((byte)picture[column, row, 0], (byte)picture[column, row, 1], (byte)picture[column, row, 2]));
                }
            }
        }
    }

    public void Set(int index, RgbColor color)
    {
        _samples[index * 3] = color.Red;
        _samples[(index * 3) + 1] = color.Green;
        _samples[(index * 3) + 2] = color.Blue;
    }

    /// <summary>Lays a colour over a pixel; an opacity of 1 hides what was there.</summary>
    public void Blend(int index, RgbColor color, double opacity)
    {
        int at = index * 3;
        _samples[at] = Mix(_samples[at], color.Red, opacity);
        _samples[at + 1] = Mix(_samples[at + 1], color.Green, opacity);
        _samples[at + 2] = Mix(_samples[at + 2], color.Blue, opacity);
    }

    /// <summary>Lines from point to point with round ends, antialiased: a pixel is covered by how near its centre is.</summary>
    public void Polyline(IReadOnlyList<(double X, double Y)> points, double thickness, RgbColor color)
    {
        double reach = (thickness / 2) + 0.5;
        int left = Math.Max(0, (int)Math.Floor(points.Min(point => point.X) - reach));
        int right = Math.Min(Width - 1, (int)Math.Ceiling(points.Max(point => point.X) + reach));
        int top = Math.Max(0, (int)Math.Floor(points.Min(point => point.Y) - reach));
        int bottom = Math.Min(Height - 1, (int)Math.Ceiling(points.Max(point => point.Y) + reach));
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                double nearest = double.MaxValue;
                for (int i = 1; i < points.Count; i++)
                {
                    nearest = Math.Min(nearest, SquaredDistance(x + 0.5, y + 0.5, points[i - 1], points[i]));
                }

                double coverage = Math.Min(1, reach - Math.Sqrt(nearest));
                if (coverage > 0)
                {
                    Blend((y * Width) + x, color, coverage);
                }
            }
        }
    }

    /// <summary>A line of text; <paramref name="baseline"/> is the row that the letters stand on.</summary>
    public void Text(string text, double x, double baseline, double size, RgbColor color, double align = 0) =>
        StrokeFont.Draw(this, text, x - (align * StrokeFont.Measure(text, size)), baseline, size, color);

    private static byte Mix(byte below, byte above, double opacity) => (byte)(below + ((above - below) * opacity) + 0.5);

    private static double SquaredDistance(double x, double y, (double X, double Y) from, (double X, double Y) to)
    {
        double alongX = to.X - from.X;
        double alongY = to.Y - from.Y;
        double squared = (alongX * alongX) + (alongY * alongY);
        double share = squared > 0 ? Math.Clamp((((x - from.X) * alongX) + ((y - from.Y) * alongY)) / squared, 0, 1) : 0;
        double missX = x - from.X - (share * alongX);
        double missY = y - from.Y - (share * alongY);
        return (missX * missX) + (missY * missY);
    }

    private static byte[] Levels(double gamma)
    {
        // Fine enough that a dark image which a gamma brightens shows no steps.
        var levels = new byte[4096];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = (byte)((255 * Math.Pow(i / (levels.Length - 1.0), gamma)) + 0.5);
        }

        return levels;
    }

    private static int Length(int width, int height)
    {
        long length = (long)width * height * 3;
        if (length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"received a picture of {width}×{height} pixels; expected at most {Array.MaxLength / 3} pixels. Make it smaller or "
                    + $"magnify it less.",
                nameof(width));
        }

        return (int)length;
    }
}
