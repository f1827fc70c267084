using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Many pictures side by side on one: fitted into equal tiles whatever their sizes, with titles, captions and legends.
/// Needs neither libtorch nor any native library, and no fonts on the machine.
/// </summary>
public static class FigureSheet
{
    private const double SmallText = 0.87;

    /// <summary>Draws a sheet, row by row from the left.</summary>
    /// <param name="panels">The pictures; at least one. A null leaves its place empty.</param>
    /// <param name="options">The layout; the defaults when null.</param>
    /// <returns>An 8-bit RGB image. Rows are as high, and columns as wide, as their largest fitted picture.</returns>
    /// <exception cref="ArgumentException">There is no panel, or the sheet would be too large for one image.</exception>
    /// <exception cref="InvalidOptionsException">The options are out of range; lists all problems.</exception>
    public static PixelImage Draw(IReadOnlyList<FigurePanel?> panels, FigureSheetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(panels);
        options ??= new FigureSheetOptions();
        PictureChecks.Throw(nameof(FigureSheet), options.Validate());
        if (panels.Count == 0)
        {
            throw new ArgumentException("received no pictures; expected at least one. Leave the sheet out instead.", nameof(panels));
        }

        var layout = new Layout(panels, options);
        var raster = new Raster(layout.Width, layout.Height, options.Background);
        if (options.Title.Length > 0)
        {
            double size = options.TextSize * 1.25;
            raster.Text(
                StrokeFont.Shorten(options.Title, size, layout.Width - (2 * options.Gap)),
                options.Gap,
                options.Gap + size,
                size,
                options.TextColor);
        }

        for (int row = 0; row < layout.Rows; row++)
        {
            if (row < options.RowTitles.Count)
            {
                double middle = layout.PictureTop(row) + (layout.RowHeights[row] / 2.0) + (options.TextSize * 0.36);
                raster.Text(options.RowTitles[row], options.Gap, middle, options.TextSize, options.TextColor);
            }

            for (int column = 0; column < layout.Columns; column++)
            {
                if (layout.Panel(row, column) is { } panel)
                {
                    Draw(raster, panel, layout, row, column, options);
                }
            }
        }

        Legend.Draw(
            raster, options.Legend, options.Gap, layout.LegendTop, layout.Width - (2 * options.Gap), options.TextSize, options.TextColor);
        return raster.ToImage();
    }

    private static void Draw(Raster raster, FigurePanel panel, Layout layout, int row, int column, FigureSheetOptions options)
    {
        (int width, int height) = layout.Fit(panel);
        int cell = layout.ColumnWidths[column];
        int left = layout.Left(column);
        int top = layout.PictureTop(row);
        FloatImage picture = panel.Picture.ToFloat(ImageChannels.Rgb);
        picture = panel.KeepPixels && width >= picture.Width
            ? ImageResizer.Nearest(picture, height, width)
            : ImageResizer.Bilinear(picture, height, width);
        raster.Draw(Raster.From(picture).ToImage(), left, top);
        raster.Text(
            StrokeFont.Shorten(panel.Title, options.TextSize, cell),
            left,
            top - (0.45 * options.TextSize),
            options.TextSize,
            options.TextColor);
        double small = options.TextSize * SmallText;
        int below = top + height;
        if (panel.Caption.Length > 0)
        {
            raster.Text(StrokeFont.Shorten(panel.Caption, small, cell), left, below + (1.25 * small), small, options.TextColor);
            below += (int)Math.Ceiling(1.7 * small);
        }

        Legend.Draw(raster, panel.Legend, left, below + (int)(0.25 * small), cell, small, options.TextColor);
    }

    /// <summary>Where everything goes.</summary>
    private sealed class Layout
    {
        private readonly IReadOnlyList<FigurePanel?> _panels;
        private readonly FigureSheetOptions _options;
        private readonly int[] _rowTops;
        private readonly int[] _columnLefts;

        public Layout(IReadOnlyList<FigurePanel?> panels, FigureSheetOptions options)
        {
            _panels = panels;
            _options = options;
            Columns = options.Columns > 0
                ? Math.Min(options.Columns, panels.Count)
                : (int)Math.Ceiling(Math.Sqrt(panels.Count * (double)options.TileHeight / options.TileWidth));
            Columns = Math.Clamp(Columns, 1, panels.Count);
            Rows = (panels.Count + Columns - 1) / Columns;
            ColumnWidths = [.. Enumerable.Range(0, Columns)
                .Select(column => Enumerable.Range(0, Rows).Max(row => Panel(row, column) is { } panel ? Fit(panel).Width : 0))];
            RowHeights = [.. Enumerable.Range(0, Rows)
                .Select(row => Enumerable.Range(0, Columns).Max(column => Panel(row, column) is { } panel ? Fit(panel).Height : 0))];
            double small = options.TextSize * SmallText;
            double rowTitles = options.RowTitles.Take(Rows)
                .Select(title => StrokeFont.Measure(title, options.TextSize))
                .DefaultIfEmpty(0)
                .Max();
            long x = options.Gap + (rowTitles > 0 ? (long)Math.Ceiling(rowTitles) + options.Gap : 0);
            _columnLefts = new int[Columns];
            for (int column = 0; column < Columns; column++)
            {
                _columnLefts[column] = checked((int)x);
                x += ColumnWidths[column] + options.Gap;
            }

            Width = checked((int)x);
            long y = options.Gap + (options.Title.Length > 0 ? (long)Math.Ceiling(options.TextSize * 2) : 0);
            _rowTops = new int[Rows];
            for (int row = 0; row < Rows; row++)
            {
                FigurePanel?[] inRow = [.. Enumerable.Range(0, Columns).Select(column => Panel(row, column))];
                if (inRow.Any(panel => panel?.Title.Length > 0))
                {
                    y += (long)Math.Ceiling(options.TextSize * 1.5);
                }

                _rowTops[row] = checked((int)y);
                y += inRow.Select((panel, column) => panel is null
                    ? 0
                    : Fit(panel).Height
                        + (panel.Caption.Length > 0 ? (int)Math.Ceiling(1.7 * small) : 0)
                        + (panel.Legend.Count > 0
                            ? Legend.Height(panel.Legend, ColumnWidths[column], small) + (int)(0.25 * small)
                            : 0)).Max();
                y += options.Gap;
            }

            LegendTop = checked((int)y);
            if (options.Legend.Count > 0)
            {
                y += Legend.Height(options.Legend, Width - (2 * options.Gap), options.TextSize) + options.Gap;
            }

            Height = checked((int)y);
        }

        public int Columns { get; }

        public int Rows { get; }

        public int Width { get; }

        public int Height { get; }

        public int LegendTop { get; }

        public int[] ColumnWidths { get; }

        public int[] RowHeights { get; }

        public int Left(int column) => _columnLefts[column];

        public int PictureTop(int row) => _rowTops[row];

        public FigurePanel? Panel(int row, int column)
        {
            int index = (row * Columns) + column;
            return index < _panels.Count ? _panels[index] : null;
        }

        public (int Width, int Height) Fit(FigurePanel panel)
        {
            double scale = Math.Min((double)_options.TileWidth / panel.Picture.Width, (double)_options.TileHeight / panel.Picture.Height);
            return (Math.Max(1, (int)Math.Round(panel.Picture.Width * scale)), Math.Max(1, (int)Math.Round(panel.Picture.Height * scale)));
        }
    }
}
