namespace MadgNet.Reports.Charts;

/// <summary>The frame of a chart with two axes: grid, marks, labels and legend, and where values lie within it.</summary>
internal sealed class PlotArea
{
    public const int Height = 360;
    private const int Left = 72;
    private const int Right = ReportChart.Width - 16;
    private const int LegendRow = 20;
    private const double LetterWidth = 6.6;

    private readonly int _top;
    private readonly int _bottom;
    private readonly AxisScale _x;
    private readonly AxisScale _y;

    public PlotArea(SvgCanvas canvas, AxisScale x, AxisScale y, string xLabel, string yLabel, IReadOnlyList<string> legend)
    {
        _x = x;
        _y = y;
        _top = 12 + (Legend(canvas, legend) * LegendRow);
        _bottom = _top + Height - 72;
        TotalHeight = _bottom + 52;
        foreach (double tick in y.Ticks)
        {
            double at = Y(tick);
            canvas.Line(Left, at, Right, at, 0.15);
            canvas.Text(y.Format(tick), Left - 8, at + 4, "end");
        }

        foreach (double tick in x.Ticks)
        {
            double at = X(tick);
            canvas.Line(at, _top, at, _bottom, 0.15);
            canvas.Text(x.Format(tick), at, _bottom + 18, "middle");
        }

        canvas.Line(Left, _bottom, Right, _bottom);
        canvas.Line(Left, _top, Left, _bottom);
        canvas.Text(xLabel, (Left + Right) / 2.0, _bottom + 42, "middle", 13);
        canvas.Text(yLabel, 16, (_top + _bottom) / 2.0, "middle", 13, upwards: true);
    }

    public int TotalHeight { get; }

    public double Top => _top;

    public double Bottom => _bottom;

    public double X(double value) => Left + (_x.Share(value) * (Right - Left));

    public double Y(double value) => _bottom - (_y.Share(value) * (_bottom - _top));

    /// <summary>Draws the names of the series, and returns how many rows they took. A single series needs no legend.</summary>
    private static int Legend(SvgCanvas canvas, IReadOnlyList<string> names)
    {
        if (names.Count < 2)
        {
            return 0;
        }

        double x = Left;
        int row = 0;
        for (int i = 0; i < names.Count; i++)
        {
            string name = names[i].Length > 60 ? names[i][..59] + "…" : names[i];
            double width = 34 + (name.Length * LetterWidth);
            if (x > Left && x + width > Right)
            {
                x = Left;
                row++;
            }

            double y = 12 + (row * LegendRow);
            canvas.Polyline([(x, y), (x + 22, y)], SvgCanvas.ColorOf(i), SvgCanvas.DashOf(i));
            canvas.Text(name, x + 27, y + 4);
            x += width + 10;
        }

        return row + 1;
    }
}
