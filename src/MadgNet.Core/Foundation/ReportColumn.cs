namespace MadgNet.Core.Foundation;

/// <summary>A column of a <see cref="ReportTable"/>.</summary>
public sealed record ReportColumn
{
    private ReportColumn(string name, bool isNumber, IReadOnlyList<string> fields)
    {
        Name = name;
        IsNumber = isNumber;
        Fields = fields;
    }

    /// <summary>The heading that people see.</summary>
    public string Name { get; }

    /// <summary>Whether the column holds numbers, which are aligned to the right.</summary>
    public bool IsNumber { get; }

    /// <summary>The names of its fields in CSV: one, or two for an interval.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>A column from a heading, as <see cref="Text"/>.</summary>
    /// <param name="name">The heading.</param>
    public static implicit operator ReportColumn(string name) => Text(name);

    /// <summary>A column of texts.</summary>
    /// <param name="name">The heading; may be empty.</param>
    /// <returns>The column.</returns>
    public static ReportColumn Text(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ReportColumn(name, false, [name]);
    }

    /// <summary>A column of numbers.</summary>
    /// <param name="name">The heading; may be empty.</param>
    /// <returns>The column.</returns>
    public static ReportColumn Number(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ReportColumn(name, true, [name]);
    }

    /// <summary>A column of intervals, whose cells are made by <see cref="ReportCell.Interval"/>.</summary>
    /// <param name="name">The heading; the fields in CSV are called "name lower" and "name upper".</param>
    /// <returns>The column.</returns>
    public static ReportColumn Interval(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new ReportColumn(name, true, [$"{name} lower".TrimStart(), $"{name} upper".TrimStart()]);
    }
}
