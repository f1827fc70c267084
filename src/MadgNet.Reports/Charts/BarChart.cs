using System.Globalization;

namespace MadgNet.Reports.Charts;

/// <summary>Named values as bars that run to the right, with intervals where there are any: settings of a study, labels, metrics.</summary>
public sealed class BarChart : ReportChart
{
    private const int Row = 28;
    private const int Left = 200;
    private const int Right = Width - 72;
    private readonly List<(string Name, double Value, double Lower, double Upper)> _bars = [];

    /// <summary>The ends of the axis; null, the default, for 0 to the largest value.</summary>
    public (double Low, double High)? Range { get; init; }

    /// <summary>Adds a bar.</summary>
    /// <param name="name">Its name, left of it.</param>
    /// <param name="value">Its value; NaN leaves the bar out and keeps its name.</param>
    /// <param name="interval">An interval around it, drawn as a thin line; null for none.</param>
    /// <returns>This chart.</returns>
    public BarChart Add(string name, double value, (double Lower, double Upper)? interval = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        _bars.Add((name, value, interval?.Lower ?? double.NaN, interval?.Upper ?? double.NaN));
        return this;
    }

    private protected override int Draw(SvgCanvas canvas)
    {
        var scale = AxisScale.Of(_bars.SelectMany(bar => new[] { 0, bar.Value, bar.Lower, bar.Upper }), false, Range);
        int bottom = 8 + (_bars.Count * Row);
        double At(double value) => Left + (Math.Clamp(scale.Share(value), 0, 1) * (Right - Left));
        double zero = At(Range?.Low > 0 ? Range.Value.Low : 0);
        foreach (double tick in scale.Ticks)
        {
            canvas.Line(At(tick), 8, At(tick), bottom, 0.15);
            canvas.Text(scale.Format(tick), At(tick), bottom + 18, "middle");
        }

        for (int i = 0; i < _bars.Count; i++)
        {
            (string name, double value, double lower, double upper) = _bars[i];
            double middle = 8 + ((i + 0.5) * Row);
            canvas.Text(name.Length > 30 ? name[..29] + "…" : name, Left - 8, middle + 4, "end");
            if (!double.IsFinite(value))
            {
                canvas.Text("–", Left + 6, middle + 4);
                continue;
            }

            string number = value.ToString("0.####", CultureInfo.InvariantCulture);
            (double from, double to) = (Math.Min(zero, At(value)), Math.Max(zero, At(value)));
            canvas.Rectangle(from, middle - 8, to - from, 16, SvgCanvas.ColorOf(0), $"{name}: {number}");
            double end = to;
            if (double.IsFinite(lower) && double.IsFinite(upper))
            {
                canvas.Line(At(lower), middle, At(upper), middle);
                canvas.Line(At(lower), middle - 5, At(lower), middle + 5);
                canvas.Line(At(upper), middle - 5, At(upper), middle + 5);
                end = Math.Max(end, At(upper));
            }

            canvas.Text(number, end + 6, middle + 4);
        }

        canvas.Line(zero, 8, zero, bottom);
        canvas.Text(XLabel, (Left + Right) / 2.0, bottom + 40, "middle", 13);
        return bottom + 50;
    }
}
