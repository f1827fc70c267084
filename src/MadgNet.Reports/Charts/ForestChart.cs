using System.Globalization;

namespace MadgNet.Reports.Charts;

/// <summary>Differences with their intervals, one below the other, around a line that marks no difference.</summary>
public sealed class ForestChart : ReportChart
{
    private const int Row = 26;
    private const int Left = 240;
    private const int Right = Width - 84;
    private readonly List<(string Name, double Value, double Lower, double Upper, bool Clear, int Group)> _rows = [];
    private readonly List<string> _groups = [];

    /// <summary>Adds a difference.</summary>
    /// <param name="name">Its name, left of it.</param>
    /// <param name="value">The difference; NaN leaves it out and keeps its name.</param>
    /// <param name="interval">The interval around it; null for none.</param>
    /// <param name="clear">Whether it is told from noise: its number is followed by a star.</param>
    /// <param name="group">What it belongs to; differences of a group have one colour, and a legend names the groups where there are
    /// several. Null for none.</param>
    /// <returns>This chart.</returns>
    public ForestChart Add(
        string name, double value, (double Lower, double Upper)? interval = null, bool clear = false, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        int place = _groups.IndexOf(group ?? "");
        if (place < 0)
        {
            place = _groups.Count;
            _groups.Add(group ?? "");
        }

        _rows.Add((name, value, interval?.Lower ?? double.NaN, interval?.Upper ?? double.NaN, clear, place));
        return this;
    }

    private protected override int Draw(SvgCanvas canvas)
    {
        double reach = _rows.SelectMany(row => new[] { row.Value, row.Lower, row.Upper }).Where(double.IsFinite).Select(Math.Abs)
            .DefaultIfEmpty(0).Max();
        var scale = AxisScale.Of([-reach, reach], false);
        int top = _groups.Count > 1 ? 32 : 8;
        int bottom = top + (_rows.Count * Row);
        double At(double value) => Left + (Math.Clamp(scale.Share(value), 0, 1) * (Right - Left));
        for (int i = 0, x = Left; _groups.Count > 1 && i < _groups.Count; i++)
        {
            canvas.Circle(x + 5, 14, 4.5, SvgCanvas.ColorOf(i));
            canvas.Text(_groups[i], x + 15, 18);
            x += 40 + (7 * _groups[i].Length);
        }

        foreach (double tick in scale.Ticks)
        {
            canvas.Line(At(tick), top, At(tick), bottom, Math.Abs(tick) < 1e-12 ? 0.8 : 0.15);
            canvas.Text(scale.Format(tick), At(tick), bottom + 18, "middle");
        }

        for (int i = 0; i < _rows.Count; i++)
        {
            (string name, double value, double lower, double upper, bool clear, int group) = _rows[i];
            double middle = top + ((i + 0.5) * Row);
            canvas.Text(name.Length > 36 ? name[..35] + "…" : name, Left - 10, middle + 4, "end");
            if (double.IsFinite(lower) && double.IsFinite(upper))
            {
                canvas.Polyline([(At(lower), middle), (At(upper), middle)], SvgCanvas.ColorOf(group), "");
            }

            string number = double.IsFinite(value) ? value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) : "–";
            if (double.IsFinite(value))
            {
                canvas.Circle(At(value), middle, 4.5, SvgCanvas.ColorOf(group), $"{name}: {number}");
            }

            canvas.Text(clear ? number + " *" : number, Right + 12, middle + 4);
        }

        canvas.Text(XLabel, (Left + Right) / 2.0, bottom + 40, "middle", 13);
        return bottom + 50;
    }
}
