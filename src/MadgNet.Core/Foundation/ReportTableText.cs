using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace MadgNet.Core.Foundation;

/// <summary>The forms of a table, each with its own escaping.</summary>
internal static class ReportTableText
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Markdown(ReportTable table)
    {
        var text = new StringBuilder("|");
        foreach (ReportColumn column in table.Columns)
        {
            text.Append(' ').Append(MarkdownCell(column.Name)).Append(" |");
        }

        text.Append("\n|");
        foreach (ReportColumn column in table.Columns)
        {
            text.Append(column.IsNumber ? "---:|" : "---|");
        }

        text.Append('\n');
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            text.Append('|');
            foreach (ReportCell cell in row)
            {
                text.Append(' ').Append(MarkdownCell(cell.Display)).Append(" |");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    public static string Csv(ReportTable table)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', table.Columns.SelectMany(column => column.Fields).Select(CsvField)).Append("\r\n");
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            text.AppendJoin(',', row.SelectMany(cell => cell.Fields).Select(CsvField)).Append("\r\n");
        }

        return text.ToString();
    }

    public static string Latex(ReportTable table, string? label)
    {
        if (label is not null && label.AsSpan().ContainsAny("{}\\%#&~$^_ \r\n"))
        {
            throw new ArgumentException(
                new Problem("label", $"'{label}'", "letters, digits, ':' and '-'", "Choose a plain label, such as tab:results").ToString(),
                nameof(label));
        }

        var text = new StringBuilder("\\begin{table}\n\\centering\n");
        if (table.Caption is not null)
        {
            text.Append("\\caption{").Append(LatexText(table.Caption)).Append("}\n");
        }

        if (label is not null)
        {
            text.Append("\\label{").Append(label).Append("}\n");
        }

        text.Append("\\begin{tabular}{").Append([.. table.Columns.Select(column => column.IsNumber ? 'r' : 'l')]).Append("}\n\\toprule\n");
        text.AppendJoin(" & ", table.Columns.Select(column => LatexText(column.Name))).Append(" \\\\\n\\midrule\n");
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            text.AppendJoin(" & ", row.Select(cell => LatexText(cell.Display))).Append(" \\\\\n");
        }

        return text.Append("\\bottomrule\n\\end{tabular}\n\\end{table}\n").ToString();
    }

    public static string Html(ReportTable table)
    {
        var text = new StringBuilder("<table class=\"report\">\n");
        if (table.Caption is not null)
        {
            text.Append("<caption>").Append(HtmlText(table.Caption)).Append("</caption>\n");
        }

        text.Append("<thead><tr>");
        foreach (ReportColumn column in table.Columns)
        {
            text.Append(column.IsNumber ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
                .Append(HtmlText(column.Name))
                .Append("</th>");
        }

        text.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<ReportCell> row in table.Rows)
        {
            text.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
            {
                text.Append("<td");
                if (table.Columns[i].IsNumber)
                {
                    text.Append(" class=\"number\"");
                }

                if (row[i].SortKey is { } key)
                {
                    text.Append(CultureInfo.InvariantCulture, $" data-sort=\"{key:R}\"");
                }

                text.Append('>').Append(HtmlText(row[i].Display)).Append("</td>");
            }

            text.Append("</tr>\n");
        }

        return text.Append("</tbody>\n</table>\n").ToString();
    }

    /// <summary>A text in a cell of Markdown: it ends neither the cell nor the line, and begins no HTML.</summary>
    public static string MarkdownCell(string value)
    {
        string line = OneLine(value).Replace("|", "\\|", StringComparison.Ordinal);
        if (line.Contains("](", StringComparison.Ordinal))
        {
            // A name is no link.
            line = line.Replace("[", "\\[", StringComparison.Ordinal);
        }

        if (!line.Contains('<', StringComparison.Ordinal))
        {
            return line;
        }

        var text = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            // A '<' before a blank or a digit is a plain one, and stays readable in the source.
            bool opens = line[i] == '<' && i + 1 < line.Length && !char.IsWhiteSpace(line[i + 1]) && !char.IsAsciiDigit(line[i + 1]);
            text.Append(opens ? "&lt;" : line[i].ToString());
        }

        return text.ToString();
    }

    /// <summary>
    /// A field of CSV: a number as it is, a text as <see cref="PlainText.ToCell"/> gives it, in quotes where it needs them.
    /// </summary>
    public static string CsvField(string field)
    {
        string cell = double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? field : PlainText.ToCell(field);
        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    public static string HtmlText(string value) => Encoder.Encode(value);

    private static string LatexText(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (char character in OneLine(value))
        {
            text.Append(character switch
            {
                '\\' => "\\textbackslash{}",
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '|' => "\\textbar{}",
                '<' => "$<$",
                '>' => "$>$",
                '−' => "$-$",
                '–' => "--",
                '×' => "$\\times$",
                '±' => "$\\pm$",
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{character}",
                _ => character.ToString(),
            });
        }

        return text.ToString();
    }

    /// <summary>A text without line ends and other control characters.</summary>
    private static string OneLine(string value)
    {
        string line = value.ReplaceLineEndings(" ");
        return line.Any(char.IsControl) ? string.Concat(line.Select(character => char.IsControl(character) ? ' ' : character)) : line;
    }
}
