using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using SkiaSharp;

namespace MadgNet.Samples.DataTour;

/// <summary>Many small pictures on one sheet.</summary>
internal static class ContactSheet
{
    private const int Gap = 10;
    private const int Heading = 26;
    private const int Side = 150;
    private const int Draws = 4;
    private static readonly SKColor Background = new(0x16, 0x1b, 0x22);
    private static readonly SKColor Text = new(0xe6, 0xed, 0xf3);
    private static readonly SKColor Contour = new(0x3f, 0xd0, 0x7a);

    /// <summary>A row for each transform: the untouched image, then several draws, each with its mask's contour.</summary>
    public static void SaveAugmentations(Sample sample, IReadOnlyList<(string Name, SegmentationTransform Transform)> transforms, string path)
    {
        const int Label = 130;
        using SKSurface surface = Create(Label + Gap + ((Draws + 1) * (Side + Gap)), Heading + (transforms.Count * (Side + Gap)) + Gap);
        SKCanvas canvas = surface.Canvas;
        Write(canvas, "original", Label + Gap, 19);
        for (int draw = 1; draw <= Draws; draw++)
        {
            Write(canvas, $"draw {draw}", Label + Gap + (draw * (Side + Gap)), 19);
        }

        for (int row = 0; row < transforms.Count; row++)
        {
            int y = Heading + (row * (Side + Gap));
            Write(canvas, transforms[row].Name, Gap, y + (Side / 2));
            Paint(canvas, sample.Image, sample.BinaryMask(0), Label + Gap, y);
            for (int draw = 1; draw <= Draws; draw++)
            {
                Sample changed = transforms[row].Transform.Apply(sample, new Random((row * 100) + draw));
                Paint(canvas, changed.Image, changed.BinaryMask(0), Label + Gap + (draw * (Side + Gap)), y);
            }
        }

        Save(surface, path);
    }

    /// <summary>A column for each sample of a batch: the image with its contour, then the three targets.</summary>
    public static void SaveBatch(Batch batch, string path)
    {
        const int Label = 90;
        using SKSurface surface = Create(Label + Gap + (batch.Count * (Side + Gap)), Gap + (4 * (Side + Gap)));
        SKCanvas canvas = surface.Canvas;
        string[] rows = ["image", "region", "distance", "boundary"];
        for (int row = 0; row < rows.Length; row++)
        {
            Write(canvas, rows[row], Gap, Gap + (row * (Side + Gap)) + (Side / 2));
        }

        for (int i = 0; i < batch.Count; i++)
        {
            int x = Label + Gap + (i * (Side + Gap));
            FloatImage region = Take(batch.Targets.Region, i);
            Paint(canvas, Take(batch.Images, i), region, x, Gap);
            Paint(canvas, region, null, x, Gap + Side + Gap);
            Paint(canvas, Heat(Take(batch.Targets.Distance, i)), null, x, Gap + (2 * (Side + Gap)));
            Paint(canvas, Take(batch.Targets.Boundary, i), null, x, Gap + (3 * (Side + Gap)));
        }

        Save(surface, path);
    }

    private static FloatImage Take(TorchSharp.torch.Tensor batch, int index)
    {
        using TorchSharp.torch.Tensor one = batch[index];
        FloatImage all = FloatImage.FromTensor(one);
        return all.Channels is 1 or 3 ? all : new FloatImage(1, all.Height, all.Width, all.Plane(0).ToArray());
    }

    /// <summary>Black over red and yellow to white, so that small distances can be told from none.</summary>
    private static FloatImage Heat(FloatImage map)
    {
        var heat = new FloatImage(3, map.Height, map.Width);
        for (int i = 0; i < map.Data.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                heat.Plane(c)[i] = Math.Clamp((map.Data[i] * 3) - c, 0, 1);
            }
        }

        return heat;
    }

    /// <summary>An image fitted into its square, and the contour of a mask over it.</summary>
    private static void Paint(SKCanvas canvas, FloatImage image, FloatImage? mask, int x, int y)
    {
        float scale = Math.Min((float)Side / image.Width, (float)Side / image.Height);
        float left = x + ((Side - (image.Width * scale)) / 2);
        float top = y + ((Side - (image.Height * scale)) / 2);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int row = 0; row < image.Height; row++)
        {
            for (int column = 0; column < image.Width; column++)
            {
                bitmap.SetPixel(column, row, new SKColor(Level(image, 0, row, column), Level(image, 1, row, column), Level(image, 2, row, column)));
            }
        }

        using SKImage picture = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(picture, SKRect.Create(left, top, image.Width * scale, image.Height * scale), new SKSamplingOptions(SKCubicResampler.Mitchell));
        if (mask is null)
        {
            return;
        }

        using var line = new SKPaint { Color = Contour, StrokeWidth = 1.3f };
        for (int row = 0; row < mask.Height; row++)
        {
            for (int column = 0; column < mask.Width; column++)
            {
                if (column > 0 && mask[0, row, column] != mask[0, row, column - 1])
                {
                    canvas.DrawLine(left + (column * scale), top + (row * scale), left + (column * scale), top + ((row + 1) * scale), line);
                }

                if (row > 0 && mask[0, row, column] != mask[0, row - 1, column])
                {
                    canvas.DrawLine(left + (column * scale), top + (row * scale), left + ((column + 1) * scale), top + (row * scale), line);
                }
            }
        }
    }

    /// <summary>A channel's level, brightened a little: dim nuclei are hard to see on a screen.</summary>
    private static byte Level(FloatImage image, int channel, int row, int column) =>
        (byte)Math.Clamp(255 * MathF.Pow(Math.Clamp(image[Math.Min(channel, image.Channels - 1), row, column], 0, 1), 0.7f), 0, 255);

    private static void Write(SKCanvas canvas, string text, float x, float y)
    {
        using var font = new SKFont(SKTypeface.Default, 15);
        using var paint = new SKPaint { Color = Text, IsAntialias = true };
        canvas.DrawText(text, x, y, SKTextAlign.Left, font, paint);
    }

    private static SKSurface Create(int width, int height)
    {
        SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(Background);
        return surface;
    }

    private static void Save(SKSurface surface, string path)
    {
        using SKImage picture = surface.Snapshot();
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream file = File.Create(path);
        png.SaveTo(file);
    }
}
