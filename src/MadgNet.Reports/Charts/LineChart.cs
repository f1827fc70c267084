namespace MadgNet.Reports.Charts;

/// <summary>Lines over a common horizontal axis: losses over epochs, scores over thresholds.</summary>
public sealed class LineChart : ReportChart
{
    private const int PointsWithMarks = 60;
    private readonly List<ChartSeries> _series = [];
    private readonly List<(double X, string Text)> _marks = [];

    /// <summary>Whether equal ratios are equally long on the horizontal axis; what is not above 0 is left out. Default false.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>Whether equal ratios are equally long on the vertical axis; what is not above 0 is left out. Default false.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>The ends of the vertical axis; null, the default, for those of the values.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>Whether a thin diagonal shows where both axes have the same value. Default false.</summary>
    public bool Diagonal { get; init; }

    /// <summary>Adds a line. It is broken where a value is NaN.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="x">The places of its points, in order.</param>
    /// <param name="y">As many values.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than places.</exception>
    public LineChart Add(string name, IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        _series.Add(ChartSeries.Of(name, x, y));
        return this;
    }

    /// <summary>Marks a place on the horizontal axis with a dashed line.</summary>
    /// <param name="x">The place.</param>
    /// <param name="text">What is there.</param>
    /// <returns>This chart.</returns>
    public LineChart Mark(double x, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _marks.Add((x, text));
        return this;
    }

    private protected override int Draw(SvgCanvas canvas)
    {
        var x = AxisScale.Of(_series.SelectMany(series => series.X).Concat(_marks.Select(mark => mark.X)), LogarithmicX);
        var y = AxisScale.Of(_series.SelectMany(series => series.Y), LogarithmicY, YRange);
        var area = new PlotArea(canvas, x, y, XLabel, YLabel, [.. _series.Select(series => series.Name)]);
        if (Diagonal)
        {
            (double low, double high) = (Math.Max(x.Ticks[0], y.Ticks[0]), Math.Min(x.Ticks[^1], y.Ticks[^1]));
            canvas.Line(area.X(low), area.Y(low), area.X(high), area.Y(high), 0.5, "4 4");
        }

        foreach ((double at, string text) in _marks)
        {
            canvas.Line(area.X(at), area.Top, area.X(at), area.Bottom, 0.7, "5 4");
            bool left = x.Share(at) > 0.5;
            canvas.Text(text, area.X(at) + (left ? -6 : 6), area.Top + 14, left ? "end" : "start");
        }

        for (int i = 0; i < _series.Count; i++)
        {
            ChartSeries series = _series[i];
            string color = SvgCanvas.ColorOf(i);
            canvas.Polyline(series.X.Zip(series.Y, (at, value) => (area.X(at), area.Y(value))), color, SvgCanvas.DashOf(i));
            if (series.X.Length <= PointsWithMarks)
            {
                for (int point = 0; point < series.X.Length; point++)
                {
                    (double px, double py) = (area.X(series.X[point]), area.Y(series.Y[point]));
                    if (double.IsFinite(px) && double.IsFinite(py))
                    {
                        string title = FormattableString.Invariant($"{series.Name}: {series.X[point]:0.####}, {series.Y[point]:0.######}");
                        canvas.Circle(px, py, 3, color, title);
                    }
                }
            }
        }

        return area.TotalHeight;
    }
}
