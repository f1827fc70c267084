namespace MadgNet.Reports.Charts;

/// <summary>Single points: two models case by case, or a score over the size of the foreground.</summary>
public sealed class ScatterChart : ReportChart
{
    private readonly List<ChartSeries> _series = [];

    /// <summary>Whether equal ratios are equally long on the horizontal axis; what is not above 0 is left out. Default false.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>
    /// Whether both axes have the same ends and a thin diagonal shows where both values are the same. Default false.
    /// </summary>
    public bool Diagonal { get; init; }

    /// <summary>Adds points. Those with a value that is not finite are left out.</summary>
    /// <param name="name">Their name in the legend.</param>
    /// <param name="x">The horizontal values.</param>
    /// <param name="y">As many vertical values.</param>
    /// <param name="pointNames">What each point is, seen when the pointer rests on it; null for nothing.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are more of one than of the others.</exception>
    public ScatterChart Add(string name, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<string>? pointNames = null)
    {
        _series.Add(ChartSeries.Of(name, x, y, pointNames));
        return this;
    }

    private protected override int Draw(SvgCanvas canvas)
    {
        double[] xs = [.. _series.SelectMany(series => series.X)];
        double[] ys = [.. _series.SelectMany(series => series.Y)];
        var x = AxisScale.Of(Diagonal ? [.. xs, .. ys] : xs, LogarithmicX && !Diagonal);
        var y = AxisScale.Of(Diagonal ? [.. xs, .. ys] : ys, false);
        var area = new PlotArea(canvas, x, y, XLabel, YLabel, [.. _series.Select(series => series.Name)]);
        if (Diagonal)
        {
            canvas.Line(area.X(x.Ticks[0]), area.Y(x.Ticks[0]), area.X(x.Ticks[^1]), area.Y(x.Ticks[^1]), 0.5, "4 4");
        }

        for (int i = 0; i < _series.Count; i++)
        {
            ChartSeries series = _series[i];
            for (int point = 0; point < series.X.Length; point++)
            {
                (double px, double py) = (area.X(series.X[point]), area.Y(series.Y[point]));
                if (double.IsFinite(px) && double.IsFinite(py))
                {
                    string values = FormattableString.Invariant($"{series.X[point]:0.####}, {series.Y[point]:0.####}");
                    canvas.Circle(px, py, 4, SvgCanvas.ColorOf(i), series.PointNames is null ? values : $"{series.PointNames[point]}: {values}", 0.75);
                }
            }
        }

        return area.TotalHeight;
    }
}
