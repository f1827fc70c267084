using System.Globalization;
using System.Text;

namespace MadgNet.Core.Metrics;

/// <summary>
/// One model over several sets: those whose kind it was trained on (seen) and others (unseen), with the drop between them, as
/// tables on domain generalisation show it.
/// </summary>
public sealed class GeneralizationTable
{
    private GeneralizationTable(IReadOnlyList<Metric> metrics, IReadOnlyList<GeneralizationRow> rows)
    {
        Metrics = metrics;
        Rows = rows;
    }

    /// <summary>The metrics, which are the table's columns.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The sets, the seen ones first.</summary>
    public IReadOnlyList<GeneralizationRow> Rows { get; }

    /// <summary>Puts reports side by side.</summary>
    /// <param name="seen">Reports on seen sets; at least one.</param>
    /// <param name="unseen">Reports on unseen sets; at least one.</param>
    /// <param name="metrics">The metrics; null takes Dice and intersection over union.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults where null.</param>
    /// <returns>The table.</returns>
    /// <exception cref="EvaluationException">There is no seen or no unseen set, a set occurs twice, or the reports were made under
    /// different settings.</exception>
    /// <exception cref="ArgumentException">A metric was not computed.</exception>
    public static GeneralizationTable Create(
        IReadOnlyList<EvaluationReport> seen,
        IReadOnlyList<EvaluationReport> unseen,
        IReadOnlyList<Metric>? metrics = null,
        int? label = null,
        BootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(unseen);
        Check(seen, unseen);
        metrics ??= [Metric.Dice, Metric.IntersectionOverUnion];
        MetricSummary[][] seenSummaries = [.. seen.Select(Summarize)];
        double[] reference = [.. metrics.Select((_, column) => seenSummaries.Average(summaries => summaries[column].SetValue))];
        return new GeneralizationTable(
            metrics,
            [
                .. seen.Select((report, i) => Row(report, isSeen: true, seenSummaries[i])),
                .. unseen.Select(report => Row(report, isSeen: false, Summarize(report))),
            ]);

        MetricSummary[] Summarize(EvaluationReport report) => [.. metrics.Select(metric => report.Summarize(metric, label, bootstrap))];

        GeneralizationRow Row(EvaluationReport report, bool isSeen, MetricSummary[] summaries) => new(
            report.Settings.SetName,
            isSeen,
            report.Cases.Count,
            summaries,
            [.. summaries.Select((summary, column) => metrics[column].IsLowerBetter
                ? summary.SetValue - reference[column]
                : reference[column] - summary.SetValue)]);
    }

    /// <summary>A table for people.</summary>
    /// <returns>The table in Markdown: for each metric the value of the set, its interval and the drop.</returns>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("| set | | cases |")
            .AppendJoin("", Metrics.Select(metric => $" {ReportText.Cell(metric.Name)} | interval | drop |"))
            .Append('\n');
        text.Append("|---|---|---|").Insert(text.Length, "---|---|---|", Metrics.Count).Append('\n');
        foreach (GeneralizationRow row in Rows)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"| {ReportText.Cell(row.SetName)} | {(row.IsSeen ? "seen" : "unseen")} | {row.Cases} |");
            for (int column = 0; column < Metrics.Count; column++)
            {
                MetricSummary summary = row.Summaries[column];
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" {ReportText.Short(summary.SetValue)} | {ReportText.Short(summary.Confidence.Lower)} to "
                        + $"{ReportText.Short(summary.Confidence.Upper)} | {ReportText.Short(row.Drops[column])} |");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The table with one line for each set and metric.</summary>
    /// <returns>Comma-separated values after RFC 4180, numbers in the invariant culture and with all their digits.</returns>
    public string ToCsv()
    {
        var text = new StringBuilder("set,seen,cases,metric,value,lower,upper,drop,undefined\r\n");
        foreach (GeneralizationRow row in Rows)
        {
            for (int column = 0; column < Metrics.Count; column++)
            {
                MetricSummary summary = row.Summaries[column];
                text.AppendJoin(
                    ',',
                    ReportText.Quote(row.SetName),
                    row.IsSeen ? "true" : "false",
                    row.Cases.ToString(CultureInfo.InvariantCulture),
                    ReportText.Quote(Metrics[column].Name),
                    ReportText.Digits(summary.SetValue),
                    ReportText.Digits(summary.Confidence.Lower),
                    ReportText.Digits(summary.Confidence.Upper),
                    ReportText.Digits(row.Drops[column]),
                    summary.Undefined.Count.ToString(CultureInfo.InvariantCulture)).Append("\r\n");
            }
        }

        return text.ToString();
    }

    private static void Check(IReadOnlyList<EvaluationReport> seen, IReadOnlyList<EvaluationReport> unseen)
    {
        if (seen.Count == 0 || unseen.Count == 0)
        {
            throw new EvaluationException(
                $"Generalization table: received {seen.Count} seen and {unseen.Count} unseen sets; expected at least one of each. "
                    + $"Evaluate the model on both kinds.");
        }

        EvaluationReport[] all = [.. seen, .. unseen];
        foreach (EvaluationReport report in all)
        {
            IReadOnlyList<string> differences = all[0].Settings.Differences(report.Settings);
            if (differences.Count > 0)
            {
                throw new EvaluationException(
                    $"Generalization table: received '{report.Settings.SetName}' under other settings than '{all[0].Settings.SetName}' "
                        + $"({string.Join("; ", differences)}); expected the same. Evaluate all sets alike.");
            }
        }

        if (all.GroupBy(report => report.Settings.SetName, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new EvaluationException(
                $"Generalization table: received the set '{twice.Key}' twice; expected every set once. Give each set its own name.");
        }
    }
}
