namespace MadgNet.Reports.Charts;

/// <summary>How values are distributed: bars over bins of equal width.</summary>
public sealed class HistogramChart : ReportChart
{
    private readonly double[] _values;
    private readonly int _bins;

    /// <summary>Creates the chart.</summary>
    /// <param name="values">The values; what is not finite is left out.</param>
    /// <param name="bins">How many bins, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer bins than 1.</exception>
    public HistogramChart(IReadOnlyList<double> values, int bins = 20)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        _values = [.. values.Where(double.IsFinite)];
        _bins = bins;
    }

    /// <summary>The ends of the horizontal axis; values outside count in the outer bins. Default null, for those of the
    /// values.</summary>
    public (double Low, double High)? XRange { get; init; }

    private protected override int Draw(SvgCanvas canvas)
    {
        var x = AxisScale.Of(_values, false, XRange);
        (double low, double high) = XRange ?? (x.Ticks[0], x.Ticks[^1]);
        var counts = new int[_bins];
        foreach (double value in _values)
        {
            counts[Math.Clamp((int)((value - low) / (high - low) * _bins), 0, _bins - 1)]++;
        }

        var y = AxisScale.Of([0, Math.Max(1, counts.Max())], false);
        var area = new PlotArea(canvas, x, y, XLabel, YLabel, []);
        double width = (high - low) / _bins;
        for (int bin = 0; bin < _bins; bin++)
        {
            if (counts[bin] > 0)
            {
                double from = low + (bin * width);
                double left = area.X(from);
                canvas.Rectangle(
                    left + 0.5,
                    area.Y(counts[bin]),
                    area.X(from + width) - left - 1,
                    area.Bottom - area.Y(counts[bin]),
                    SvgCanvas.ColorOf(0),
                    FormattableString.Invariant($"{from:0.####} to {from + width:0.####}: {counts[bin]}"));
            }
        }

        return area.TotalHeight;
    }
}
