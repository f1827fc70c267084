using System.Globalization;
using System.Text;

namespace MadgNet.Core.Data;

/// <summary>What the doctor found; <see cref="ToString"/> prints it as a table.</summary>
/// <param name="Splits">What each part looks like as a whole.</param>
/// <param name="Findings">What was found, the most severe first.</param>
public sealed record DoctorReport(IReadOnlyList<SplitSummary> Splits, IReadOnlyList<Finding> Findings)
{
    private const int ExamplesPerKind = 3;

    /// <summary>Whether anything was found that keeps a sample from being used.</summary>
    public bool HasErrors => Findings.Any(finding => finding.Severity == FindingSeverity.Error);

    /// <summary>A table of the parts, then the findings by kind, with their number and the first examples.</summary>
    /// <returns>Lines of text.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        List<string[]> rows = [["split", "samples", "readable", "smallest", "largest", "channels", "foreground"]];
        rows.AddRange(Splits.Select(split => new[]
        {
            split.Split,
            Format(split.Samples),
            Format(split.Readable),
            Size(split.Smallest),
            Size(split.Largest),
            string.Join(" ", split.Channels.Select(Format)),
            double.IsNaN(split.Foreground) ? "-" : (split.Foreground * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %",
        }));
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.AppendLine(string.Join(
                "  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))
                .TrimEnd());
        }

        text.AppendLine();
        if (Findings.Count == 0)
        {
            text.AppendLine("Nothing was found.");
        }

        foreach (IGrouping<(FindingSeverity Severity, FindingKind Kind), Finding> group
            in Findings.GroupBy(finding => (finding.Severity, finding.Kind)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{group.Key.Severity}: {group.Key.Kind} ({group.Count()})");
            foreach (Finding finding in group.Take(ExamplesPerKind))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {finding.Problem}");
            }

            if (group.Count() > ExamplesPerKind)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  … and {group.Count() - ExamplesPerKind} more");
            }
        }

        return text.ToString();
    }

    private static string Format(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Size((int Height, int Width) size) => size.Height == 0 ? "-" : $"{Format(size.Width)}×{Format(size.Height)}";
}
