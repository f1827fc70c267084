namespace MadgNet.Core.Foundation;

/// <summary>
/// A table that is made once and written as Markdown, CSV, LaTeX or HTML. Every form escapes what texts of users may hold. Rows keep the
/// order in which they were added.
/// </summary>
/// <example>
/// <code>
/// var table = new ReportTable("Dice of two networks", ReportColumn.Text("network"), ReportColumn.Number("Dice"));
/// table.Add("A", ReportCell.Number(0.91234));
/// string markdown = table.ToMarkdown();
/// </code>
/// </example>
public sealed class ReportTable
{
    private readonly List<IReadOnlyList<ReportCell>> _rows = [];

    /// <summary>Creates a table without rows.</summary>
    /// <param name="caption">What the table shows, for LaTeX and HTML; null for none.</param>
    /// <param name="columns">The columns, at least one.</param>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public ReportTable(string? caption, params IReadOnlyList<ReportColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0 || columns.Contains(null!))
        {
            throw new ArgumentException(
                new Problem("columns", $"{columns.Count}, or null among them", "at least one column", "Name the columns").ToString(),
                nameof(columns));
        }

        Caption = caption;
        Columns = [.. columns];
    }

    /// <summary>What the table shows; null where nothing was said.</summary>
    public string? Caption { get; }

    /// <summary>The columns.</summary>
    public IReadOnlyList<ReportColumn> Columns { get; }

    /// <summary>The rows, each with one cell a column.</summary>
    public IReadOnlyList<IReadOnlyList<ReportCell>> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <param name="cells">One cell for each column; texts and whole numbers become cells by themselves.</param>
    /// <returns>This table.</returns>
    /// <exception cref="ArgumentException">There are more or fewer cells than columns, or a cell has other fields than its
    /// column.</exception>
    public ReportTable Add(params IReadOnlyList<ReportCell> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count != Columns.Count)
        {
            throw new ArgumentException(
                new Problem("cells", $"{cells.Count} cells", $"{Columns.Count}, one for each column", "Add a whole row").ToString(),
                nameof(cells));
        }

        for (int i = 0; i < cells.Count; i++)
        {
            if (cells[i].Fields.Count != Columns[i].Fields.Count)
            {
                throw new ArgumentException(
                    new Problem(
                        $"cell of column '{Columns[i].Name}'",
                        $"{cells[i].Fields.Count} fields",
                        $"{Columns[i].Fields.Count}",
                        "Use ReportCell.Interval in columns of intervals, and only there").ToString(),
                    nameof(cells));
            }
        }

        _rows.Add([.. cells]);
        return this;
    }

    /// <summary>The table in Markdown, in the form that GitHub and most others read.</summary>
    /// <returns>A line for the headings, one for the alignment and one for each row, each ended by a line feed, without the
    /// caption.</returns>
    public string ToMarkdown() => ReportTableText.Markdown(this);

    /// <summary>The table as comma-separated values after RFC 4180, with exact numbers; undefined values are empty.</summary>
    /// <returns>The header and a line for each row, each ended by CR LF.</returns>
    public string ToCsv() => ReportTableText.Csv(this);

    /// <summary>The table in LaTeX, as a <c>table</c> float with the rules of the package <c>booktabs</c>.</summary>
    /// <param name="label">The label for references, for example <c>tab:results</c>; null for none. It is written as it is.</param>
    /// <returns>The LaTeX, for UTF-8 sources.</returns>
    /// <exception cref="ArgumentException">The label holds what LaTeX does not take in one.</exception>
    public string ToLatex(string? label = null) => ReportTableText.Latex(this, label);

    /// <summary>
    /// The table as an HTML element, with its caption, header cells and, in cells of numbers, the exact number as <c>data-sort</c>.
    /// </summary>
    /// <returns>A <c>table</c> element of the class <c>report</c>, without a page around it.</returns>
    public string ToHtml() => ReportTableText.Html(this);
}
