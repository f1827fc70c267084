using System.Globalization;

namespace MadgNet.Core.Foundation;

/// <summary>
/// One cell of a <see cref="ReportTable"/>: a short text for people, the exact values for machines, and what a column is sorted by.
/// </summary>
public readonly record struct ReportCell
{
    /// <summary>The smallest p-value that is written as a number: smaller ones are written as "&lt; 0.0001".</summary>
    public const double SmallestPValue = 1e-4;

    /// <summary>What stands for a value that is not defined, in forms for people.</summary>
    internal const string Undefined = "–";

    private static readonly string[] Empty = [""];

    private readonly string? _display;
    private readonly string[]? _fields;

    private ReportCell(string text, string[] fields, double? sortKey)
    {
        _display = text;
        _fields = fields;
        SortKey = sortKey;
    }

    /// <summary>The cell for people: numbers rounded, "–" where a value is not defined.</summary>
    public string Display => _display ?? "";

    /// <summary>
    /// The cell for machines, as CSV has it: one text for each field of its column, numbers in the invariant culture with all their digits,
    /// empty where a value is not defined.
    /// </summary>
    public IReadOnlyList<string> Fields => _fields ?? Empty;

    /// <summary>The number that the column is sorted by; null where the text says it, or the value is not defined.</summary>
    public double? SortKey { get; }

    /// <summary>A cell from a text, as <see cref="Text"/>.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator ReportCell(string? text) => Text(text);

    /// <summary>A cell from a whole number, as <see cref="Count"/>.</summary>
    /// <param name="count">The number.</param>
    public static implicit operator ReportCell(int count) => Count(count);

    /// <summary>A text, which each form of the table escapes as it has to.</summary>
    /// <param name="text">The text; null is an empty cell.</param>
    /// <returns>The cell.</returns>
    public static ReportCell Text(string? text) => new(text ?? "", [text ?? ""], null);

    /// <summary>A whole number.</summary>
    /// <param name="count">The number.</param>
    /// <returns>The cell.</returns>
    public static ReportCell Count(long count)
    {
        string text = count.ToString(CultureInfo.InvariantCulture);
        return new ReportCell(text, [text], count);
    }

    /// <summary>A number.</summary>
    /// <param name="value">The number; NaN where it is not defined.</param>
    /// <param name="decimals">How many decimals people see, 0 to 15.</param>
    /// <returns>The cell.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There cannot be so many decimals.</exception>
    public static ReportCell Number(double value, int decimals = 4) => new(Short(value, decimals), [Exact(value)], Key(value));

    /// <summary>A number in a form of the caller's.</summary>
    /// <param name="value">The number; NaN where it is not defined.</param>
    /// <param name="format">A standard or custom numeric format, applied in the invariant culture.</param>
    /// <returns>The cell.</returns>
    public static ReportCell Formatted(double value, string format)
    {
        ArgumentNullException.ThrowIfNull(format);
        string text = double.IsNaN(value) ? Undefined : value.ToString(format, CultureInfo.InvariantCulture);
        return new ReportCell(text, [Exact(value)], Key(value));
    }

    /// <summary>A p-value; below <see cref="SmallestPValue"/> people see "&lt; 0.0001".</summary>
    /// <param name="value">The p-value, 0..1; NaN where it is not defined.</param>
    /// <returns>The cell, whose exact value is kept.</returns>
    public static ReportCell PValue(double value) => new(ShortPValue(value), [Exact(value)], Key(value));

    /// <summary>
    /// An interval, for a column of <see cref="ReportColumn.Interval"/>: people see "lower to upper", machines two fields.
    /// </summary>
    /// <param name="lower">The lower bound; NaN where it is not defined.</param>
    /// <param name="upper">The upper bound; NaN where it is not defined.</param>
    /// <param name="decimals">How many decimals people see, 0 to 15.</param>
    /// <returns>The cell, sorted by its lower bound.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There cannot be so many decimals.</exception>
    public static ReportCell Interval(double lower, double upper, int decimals = 4) => new(
        double.IsNaN(lower) && double.IsNaN(upper) ? Undefined : $"{Short(lower, decimals)} to {Short(upper, decimals)}",
        [Exact(lower), Exact(upper)],
        Key(lower));

    /// <summary>A p-value as people see it.</summary>
    internal static string ShortPValue(double value) => value < SmallestPValue ? "< 0.0001" : Short(value, 4);

    internal static string Short(double value, int decimals)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 15);
        return double.IsNaN(value)
            ? Undefined
            : value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    internal static string Exact(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    private static double? Key(double value) => double.IsNaN(value) ? null : value;
}
