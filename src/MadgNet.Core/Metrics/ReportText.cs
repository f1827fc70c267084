using System.Globalization;
using System.Text;

namespace MadgNet.Core.Metrics;

/// <summary>The tables and texts of reports, in the invariant culture.</summary>
internal static class ReportText
{
    private const int WorstCases = 5;

    internal static void Save(string path, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AtomicFile.Write(path, bytes.Length, stream => stream.Write(bytes));
    }

    /// <summary>One row for each case and label, with the metrics as columns.</summary>
    internal static ReportTable Cases(EvaluationReport report)
    {
        var table = new ReportTable(
            $"Every case of {report.Settings.SetName}",
            [
                ReportColumn.Text("case"), ReportColumn.Text("group"), ReportColumn.Text("label"), ReportColumn.Number("height"),
                ReportColumn.Number("width"), .. report.Metrics.Select(metric => ReportColumn.Number(metric.Name)),
            ]);
        foreach (CaseResult result in report.Cases)
        {
            for (int label = 0; label < result.Labels.Count; label++)
            {
                table.Add(
                    [
                        result.Name, result.Group, report.Labels[label], result.Height, result.Width,
                        .. report.Metrics.Select(metric => ReportCell.Number(result.Labels[label].Values[metric])),
                    ]);
            }
        }

        return table;
    }

    /// <summary>One row for each metric, with its statistics.</summary>
    internal static ReportTable Summary(EvaluationReport report, int? label, BootstrapOptions bootstrap)
    {
        string name = label is { } index ? report.Labels[index] : "mean over the labels";
        var table = new ReportTable(
            $"{report.Settings.SetName}: {name}, {report.Cases.Count} cases",
            ReportColumn.Text("metric"),
            ReportColumn.Number("mean"),
            ReportColumn.Interval("interval"),
            ReportColumn.Number("sd"),
            ReportColumn.Number("median"),
            ReportColumn.Interval("quartiles"),
            ReportColumn.Number("set value"),
            ReportColumn.Number("undefined"));
        foreach (Metric metric in report.Metrics)
        {
            MetricSummary summary = report.Summarize(metric, label, bootstrap);
            table.Add(
                metric.Name,
                ReportCell.Number(summary.Mean),
                ReportCell.Interval(summary.Confidence.Lower, summary.Confidence.Upper),
                ReportCell.Number(summary.StandardDeviation),
                ReportCell.Number(summary.Median),
                ReportCell.Interval(summary.LowerQuartile, summary.UpperQuartile),
                ReportCell.Number(summary.SetValue),
                summary.Undefined.Count);
        }

        return table;
    }

    /// <summary>The cases with values that are not defined, and which; without rows where there is none.</summary>
    internal static ReportTable Undefined(EvaluationReport report)
    {
        var table = new ReportTable("Values that are not defined", "case", "label", "metrics");
        foreach (CaseResult result in report.Cases)
        {
            for (int label = 0; label < result.Labels.Count; label++)
            {
                string[] metrics = [.. report.Metrics
                    .Where(metric => double.IsNaN(result.Labels[label].Values[metric]) && !report.IsLeftOut(result, label))
                    .Select(metric => metric.ToString())];
                if (metrics.Length > 0)
                {
                    table.Add(result.Name, report.Labels[label], string.Join(", ", metrics));
                }
            }
        }

        return table;
    }

    internal static string Latex(EvaluationReport report, BootstrapOptions bootstrap) => string.Join(
        "\n",
        Enumerable.Range(0, report.Labels.Count)
            .Select(label => (int?)label)
            .Concat(report.Labels.Count > 1 ? [null] : Array.Empty<int?>())
            .Select(label => Summary(report, label, bootstrap).ToLatex()));

    internal static string Markdown(EvaluationReport report, BootstrapOptions bootstrap)
    {
        var text = new StringBuilder();
        EvaluationSettings settings = report.Settings;
        text.Append(CultureInfo.InvariantCulture, $"# Evaluation on {Cell(settings.SetName)}\n\n");
        if (settings.ModelName is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Model: {Cell(settings.ModelName)}. ");
        }

        text.Append(
            CultureInfo.InvariantCulture,
            $"Cases: {report.Cases.Count}. Profile: {settings.Metrics.Profile}. Resolution: {settings.Resolution}. ");
        text.Append(settings.ThresholdSource is null
            ? string.Create(CultureInfo.InvariantCulture, $"Threshold: {settings.Metrics.Threshold}.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Thresholds: {string.Join(", ", settings.LabelThresholds!.Select(ReportCell.Exact))}, chosen on {Cell(settings.ThresholdSource)}."));
        AppendChoices(text, report);
        text.Append(
            CultureInfo.InvariantCulture,
            $" Interval: {bootstrap.Level:P0} by {bootstrap.Resamples} resamples of {(bootstrap.ByGroup ? "groups" : "cases")}, seed "
                + $"{bootstrap.Seed}.\n");

        for (int label = 0; label < report.Labels.Count; label++)
        {
            AppendTable(text, report, label, report.Labels[label], bootstrap);
        }

        if (report.Labels.Count > 1)
        {
            AppendTable(text, report, null, "mean over the labels", bootstrap);
        }

        AppendWorst(text, report);
        AppendUndefined(text, report);
        return text.ToString();
    }

    /// <summary>What was chosen beside the profile, where anything was.</summary>
    private static void AppendChoices(StringBuilder text, EvaluationReport report)
    {
        EvaluationSettings settings = report.Settings;
        if (settings.Metrics.StretchMaps)
        {
            text.Append(" Every map was stretched to its own minimum and maximum.");
        }

        if (settings.SurfaceTolerances is { } tolerances)
        {
            text.Append(CultureInfo.InvariantCulture, $" Surface tolerances: {string.Join(", ", tolerances.Select(ReportCell.Exact))}.");
        }

        if (settings.EmptyTruths != EmptyTruths.Scored)
        {
            int leftOut = Enumerable.Range(0, report.Labels.Count)
                .Sum(label => report.Cases.Count(result => report.IsLeftOut(result, label)));
            string where = settings.EmptyTruths == EmptyTruths.LeftOut ? "" : " and an empty prediction";
            text.Append(
                CultureInfo.InvariantCulture,
                $" Left out of means: {leftOut} of {report.Labels.Count * report.Cases.Count} maps, which have an empty truth{where}.");
        }
    }

    internal static string Cell(string value) => ReportTableText.MarkdownCell(value);

    private static void AppendTable(StringBuilder text, EvaluationReport report, int? label, string name, BootstrapOptions bootstrap) =>
        text.Append(CultureInfo.InvariantCulture, $"\n## {Cell(name)}\n\n").Append(Summary(report, label, bootstrap).ToMarkdown());

    private static void AppendWorst(StringBuilder text, EvaluationReport report)
    {
        if (!report.Metrics.Contains(Metric.Dice))
        {
            return;
        }

        var table = new ReportTable(null, ReportColumn.Text("case"), ReportColumn.Number("Dice"));
        foreach (CaseResult result in report.Worst(Metric.Dice, WorstCases))
        {
            table.Add(result.Name, ReportCell.Number(report.Value(result, Metric.Dice)));
        }

        text.Append("\n## Worst cases by Dice\n\n").Append(table.ToMarkdown());
    }

    private static void AppendUndefined(StringBuilder text, EvaluationReport report)
    {
        ReportTable table = Undefined(report);
        if (table.Rows.Count > 0)
        {
            text.Append("\n## Undefined values\n\n").Append(table.ToMarkdown());
        }
    }
}
