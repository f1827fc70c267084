using System.Globalization;

namespace MadgNet.Reports.Charts;

/// <summary>A value for each row and column as a field that is darker the higher it is, with the number in it.</summary>
public sealed class MatrixChart : ReportChart
{
    private const int Row = 30;
    private const int Left = 200;
    private const int Head = 96;
    private readonly IReadOnlyList<string> _columns;
    private readonly List<(string Name, IReadOnlyList<double> Values, IReadOnlyList<bool> Marked)> _rows = [];

    /// <summary>Creates a chart without rows.</summary>
    /// <param name="columns">The names of the columns.</param>
    public MatrixChart(IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
    }

    /// <summary>The values of a white and of a dark field. Default 0 and 1.</summary>
    public (double Low, double High) Range { get; init; } = (0, 1);

    /// <summary>Adds a row.</summary>
    /// <param name="name">Its name, left of it.</param>
    /// <param name="values">A value for each column; NaN leaves the field empty.</param>
    /// <param name="marked">Which fields have a frame; null for none.</param>
    /// <returns>This chart.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than columns.</exception>
    public MatrixChart Add(string name, IReadOnlyList<double> values, IReadOnlyList<bool>? marked = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != _columns.Count || (marked is not null && marked.Count != _columns.Count))
        {
            throw new ArgumentException(
                new Problem(
                    $"row '{name}'",
                    $"{values.Count} values{(marked is null ? "" : $" and {marked.Count} marks")}",
                    $"{_columns.Count}, one a column",
                    "Pass NaN where there is none").ToString(),
                nameof(values));
        }

        _rows.Add((name, [.. values], marked is null ? new bool[_columns.Count] : [.. marked]));
        return this;
    }

    private protected override int Draw(SvgCanvas canvas)
    {
        double width = Math.Min(84, (Width - Left - 60) / (double)Math.Max(1, _columns.Count));
        for (int column = 0; column < _columns.Count; column++)
        {
            canvas.Text(Short(_columns[column], 16), Left + (width * (column + 0.5)), Head - 8, angle: -45);
        }

        for (int row = 0; row < _rows.Count; row++)
        {
            (string name, IReadOnlyList<double> values, IReadOnlyList<bool> marked) = _rows[row];
            double y = Head + (row * Row);
            canvas.Text(Short(name, 30), Left - 10, y + 19, "end");
            for (int column = 0; column < values.Count; column++)
            {
                double x = Left + (width * column);
                bool known = double.IsFinite(values[column]);
                string number = known ? values[column].ToString("F2", CultureInfo.InvariantCulture) : "–";
                if (known)
                {
                    (string fill, string ink) = Shade((values[column] - Range.Low) / (Range.High - Range.Low));
                    canvas.Rectangle(x + 1, y + 1, width - 2, Row - 2, fill, $"{name}, {_columns[column]}: {number}");
                    canvas.Text(number, x + (width / 2), y + 19, "middle", color: ink);
                }
                else
                {
                    canvas.Text(number, x + (width / 2), y + 19, "middle");
                }

                if (marked[column])
                {
                    (double right, double bottom) = (x + width - 2, y + Row - 2);
                    canvas.Polyline([(x + 2, y + 2), (right, y + 2), (right, bottom), (x + 2, bottom), (x + 2, y + 2)], "#d55e00", "");
                }
            }
        }

        return Head + (_rows.Count * Row) + 8;
    }

    private static string Short(string text, int most) => text.Length > most ? text[..(most - 1)] + "…" : text;

    /// <summary>A shade from pale to dark blue, and the colour of text that reads on it.</summary>
    private static (string Fill, string Ink) Shade(double value)
    {
        double share = double.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1);
        int red = (int)Math.Round(240 - (share * 232));
        int green = (int)Math.Round(246 - (share * 178));
        int blue = (int)Math.Round(252 - (share * 108));
        return ($"#{red:x2}{green:x2}{blue:x2}", share > 0.5 ? "#ffffff" : "#000000");
    }
}
