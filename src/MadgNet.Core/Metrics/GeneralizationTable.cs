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
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
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

    /// <summary>The table as people read it: a row for each set, and for each metric its value, interval and drop.</summary>
    /// <returns>The table.</returns>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            "Seen and unseen sets, and the drop between them",
            [
                ReportColumn.Text("set"), ReportColumn.Text(""), ReportColumn.Number("cases"),
                .. Metrics.SelectMany(metric => new[]
                {
                    ReportColumn.Number(metric.Name), ReportColumn.Interval("interval"), ReportColumn.Number("drop"),
                }),
            ]);
        foreach (GeneralizationRow row in Rows)
        {
            table.Add(
                [
                    row.SetName, row.IsSeen ? "seen" : "unseen", row.Cases,
                    .. row.Summaries.SelectMany((summary, column) => new[]
                    {
                        ReportCell.Number(summary.SetValue),
                        ReportCell.Interval(summary.Confidence.Lower, summary.Confidence.Upper),
                        ReportCell.Number(row.Drops[column]),
                    }),
                ]);
        }

        return table;
    }

    /// <summary>A table for people.</summary>
    /// <returns>The table in Markdown: for each metric the value of the set, its interval and the drop.</returns>
    public string ToMarkdown() => ToTable().ToMarkdown();

    /// <summary>A table for a paper.</summary>
    /// <returns>The same table in LaTeX, for the package <c>booktabs</c>.</returns>
    public string ToLatex() => ToTable().ToLatex();

    /// <summary>The table with one line for each set and metric.</summary>
    /// <returns>Comma-separated values after RFC 4180, numbers in the invariant culture and with all their digits.</returns>
    public string ToCsv()
    {
        var table = new ReportTable(null, "set", "seen", "cases", "metric", "value", "lower", "upper", "drop", "undefined");
        foreach (GeneralizationRow row in Rows)
        {
            for (int column = 0; column < Metrics.Count; column++)
            {
                MetricSummary summary = row.Summaries[column];
                table.Add(
                    row.SetName,
                    row.IsSeen ? "true" : "false",
                    row.Cases,
                    Metrics[column].Name,
                    ReportCell.Number(summary.SetValue),
                    ReportCell.Number(summary.Confidence.Lower),
                    ReportCell.Number(summary.Confidence.Upper),
                    ReportCell.Number(row.Drops[column]),
                    summary.Undefined.Count);
            }
        }

        return table.ToCsv();
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
