using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>Draws what colours stand for: squares with their texts, wrapped to a width. Needs no fonts on the machine.</summary>
public static class Legend
{
    /// <summary>Draws a legend as a picture of its own; <see cref="FigureSheet"/> also puts legends below its pictures.</summary>
    /// <param name="entries">The colours and their texts; at least one.</param>
    /// <param name="width">The width of the picture in pixels, 16 or more; texts that are wider are shortened.</param>
    /// <param name="textSize">The size of the text in pixels, 6 to 200.</param>
    /// <param name="background">What is behind it; null for the dark ground of sheets.</param>
    /// <param name="textColor">The text's colour; null for the light one of sheets.</param>
    /// <returns>An 8-bit RGB image of that width, as high as needed.</returns>
    /// <exception cref="ArgumentException">There is no entry, or one is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Width or text size are out of their range.</exception>
    public static PixelImage Draw(
        IReadOnlyList<LegendEntry> entries, int width, double textSize = 15, RgbColor? background = null, RgbColor? textColor = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 16);
        if (!(textSize is >= 6 and <= 200))
        {
            throw new ArgumentOutOfRangeException(nameof(textSize), textSize, "Expected a text size of 6 to 200 pixels.");
        }

        if (entries.Count == 0 || entries.Any(entry => entry is null))
        {
            throw new ArgumentException(
                entries.Count == 0
                    ? "received no entries; expected at least one. Leave the legend out instead."
                    : "received null as an entry; expected a colour with its text. Leave it out instead.",
                nameof(entries));
        }

        int margin = (int)Math.Ceiling(textSize * 0.5);
        int height = Height(entries, width - (2 * margin), textSize) + (2 * margin);
        var raster = new Raster(width, height, background ?? FigureSheetOptions.DefaultBackground);
        Draw(raster, entries, margin, margin, width - (2 * margin), textSize, textColor ?? FigureSheetOptions.DefaultTextColor);
        return raster.ToImage();
    }

    /// <summary>The height that entries take when they are wrapped to a width.</summary>
    internal static int Height(IReadOnlyList<LegendEntry> entries, double width, double textSize) =>
        entries.Count == 0 ? 0 : (Arrange(entries, width, textSize).Max(place => place.Line) + 1) * LineHeight(textSize);

    internal static void Draw(
        Raster raster, IReadOnlyList<LegendEntry> entries, int x, int y, double width, double textSize, RgbColor textColor)
    {
        int square = (int)Math.Round(textSize * 0.75);
        foreach ((LegendEntry entry, double offset, int line, string text) in Arrange(entries, width, textSize))
        {
            int top = y + (line * LineHeight(textSize));
            raster.Fill(x + (int)offset, top + (int)(textSize * 0.22), square, square, entry.Color);
            raster.Text(text, x + (int)offset + (textSize * 1.2), top + (textSize * 0.95), textSize, textColor);
        }
    }

    private static int LineHeight(double textSize) => (int)Math.Ceiling(textSize * 1.5);

    private static List<(LegendEntry Entry, double X, int Line, string Text)> Arrange(
        IReadOnlyList<LegendEntry> entries, double width, double textSize)
    {
        var places = new List<(LegendEntry, double, int, string)>();
        double x = 0;
        int line = 0;
        foreach (LegendEntry entry in entries)
        {
            string text = StrokeFont.Shorten(entry.Text, textSize, width - (textSize * 1.2));
            double needed = (textSize * 1.2) + StrokeFont.Measure(text, textSize);
            if (x > 0 && x + needed > width)
            {
                x = 0;
                line++;
            }

            places.Add((entry, x, line, text));
            x += needed + textSize;
        }

        return places;
    }
}
