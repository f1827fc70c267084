using MadgNet.Core.Imaging;
using SkiaSharp;

namespace MadgNet.Samples.QuickStart;

/// <summary>Paints an image beside itself with the contours of truth and prediction.</summary>
internal static class OverlayPainter
{
    private const int Gap = 12;
    private const int Caption = 30;
    private static readonly SKTypeface Typeface = Sans();
    private static readonly SKColor Background = new(0x16, 0x1b, 0x22);
    private static readonly SKColor Text = new(0xe6, 0xed, 0xf3);
    private static readonly SKColor TruthColor = new(0x3f, 0xd0, 0x7a);
    private static readonly SKColor PredictionColor = new(0xff, 0x5c, 0xa8);

    /// <summary>One picture: the image on the left, the contours over it on the right, enlarged to at least 512 pixels.</summary>
    public static void Save(OverlayPanel panel, string path)
    {
        float scale = Math.Max(1f, MathF.Ceiling(512f / Math.Max(panel.Image.Width, panel.Image.Height)));
        int width = (int)(panel.Image.Width * scale);
        int height = (int)(panel.Image.Height * scale);
        using SKSurface surface = Create((2 * width) + (3 * Gap), height + Caption + (2 * Gap));
        Paint(surface.Canvas, panel, Gap, Gap + Caption, width, height, withImage: true);
        Write(surface, path);
    }

    /// <summary>All panels on one sheet, each with its contours, in the order given.</summary>
    public static void SaveSheet(IReadOnlyList<OverlayPanel> panels, string path)
    {
        const int Tile = 256;
        const int Columns = 4;
        int rows = (panels.Count + Columns - 1) / Columns;
        using SKSurface surface = Create((Columns * (Tile + Gap)) + Gap, (rows * (Tile + Caption + Gap)) + Gap);
        for (int i = 0; i < panels.Count; i++)
        {
            float scale = Math.Min((float)Tile / panels[i].Image.Width, (float)Tile / panels[i].Image.Height);
            int width = (int)(panels[i].Image.Width * scale);
            int height = (int)(panels[i].Image.Height * scale);
            int x = Gap + (i % Columns * (Tile + Gap));
            int y = Gap + (i / Columns * (Tile + Caption + Gap)) + Caption;
            Paint(surface.Canvas, panels[i], x, y, width, height, withImage: false);
        }

        Write(surface, path);
    }

    private static SKSurface Create(int width, int height)
    {
        SKSurface surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(Background);
        return surface;
    }

    private static void Paint(SKCanvas canvas, OverlayPanel panel, int x, int y, int width, int height, bool withImage)
    {
        using SKImage image = ToImage(panel.Image);
        int overlay = withImage ? x + width + Gap : x;
        var sampling = new SKSamplingOptions(SKCubicResampler.Mitchell);
        if (withImage)
        {
            canvas.DrawImage(image, SKRect.Create(x, y, width, height), sampling, null);
            DrawCaption(canvas, x, y, [(panel.Name.Length <= 40 ? panel.Name : $"{panel.Name[..40]}…", Text)]);
        }

        canvas.DrawImage(image, SKRect.Create(overlay, y, width, height), sampling, null);
        float scaleX = (float)width / panel.Image.Width;
        float scaleY = (float)height / panel.Image.Height;
        FloatImage truth = panel.Truth;
        PixelImage prediction = panel.Prediction;
        DrawContour(canvas, (column, row) => truth[0, row, column] >= 0.5f, truth.Width, truth.Height, overlay, y, scaleX, scaleY, TruthColor);
        DrawContour(canvas, (column, row) => prediction[column, row, 0] > 0, prediction.Width, prediction.Height, overlay, y, scaleX, scaleY, PredictionColor);
        DrawCaption(canvas, overlay, y, [("truth", TruthColor), ("prediction", PredictionColor), ($"Dice {panel.Dice:F3}", Text)]);
    }

    private static SKTypeface Sans() =>
        new[] { "Segoe UI", "DejaVu Sans", "Noto Sans", "Liberation Sans", "Arial", "Helvetica" }
            .Where(family => SKFontManager.Default.FontFamilies.Contains(family, StringComparer.OrdinalIgnoreCase))
            .Select(SKTypeface.FromFamilyName)
            .FirstOrDefault() ?? SKTypeface.Default;

    private static void DrawCaption(SKCanvas canvas, float x, float y, IReadOnlyList<(string Text, SKColor Color)> parts)
    {
        using var font = new SKFont(Typeface, 15);
        foreach ((string text, SKColor color) in parts)
        {
            using var paint = new SKPaint { Color = color, IsAntialias = true };
            canvas.DrawText(text, x, y - 9, SKTextAlign.Left, font, paint);
            x += font.MeasureText(text) + 14;
        }
    }

    /// <summary>The outline of a mask along the edges of its pixels.</summary>
    private static void DrawContour(SKCanvas canvas, Func<int, int, bool> inside, int columns, int rows, float x, float y, float scaleX, float scaleY, SKColor color)
    {
        using var region = new SKRegion();
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                int start = column;
                while (column < columns && inside(column, row))
                {
                    column++;
                }

                if (column > start)
                {
                    region.Op(new SKRectI(start, row, column, row + 1), SKRegionOperation.Union);
                }
            }
        }

        if (region.IsEmpty)
        {
            return;
        }

        using SKPath outline = region.GetBoundaryPath();
        outline.Transform(SKMatrix.CreateScaleTranslation(scaleX, scaleY, x, y));
        using var paint = new SKPaint { Color = color, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 1.6f, StrokeJoin = SKStrokeJoin.Round };
        canvas.DrawPath(outline, paint);
    }

    private static SKImage ToImage(FloatImage image)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int row = 0; row < image.Height; row++)
        {
            for (int column = 0; column < image.Width; column++)
            {
                bitmap.SetPixel(column, row, new SKColor(Level(image, 0, row, column), Level(image, 1, row, column), Level(image, 2, row, column)));
            }
        }

        return SKImage.FromBitmap(bitmap);
    }

    /// <summary>A channel's level, brightened a little: dim nuclei are hard to see on a screen.</summary>
    private static byte Level(FloatImage image, int channel, int row, int column) =>
        (byte)Math.Clamp(255 * MathF.Pow(image[Math.Min(channel, image.Channels - 1), row, column], 0.7f), 0, 255);

    private static void Write(SKSurface surface, string path)
    {
        using SKImage picture = surface.Snapshot();
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, 100);
        using FileStream file = File.Create(path);
        png.SaveTo(file);
    }
}
