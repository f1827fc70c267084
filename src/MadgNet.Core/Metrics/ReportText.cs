using System.Globalization;
using System.Text;

namespace MadgNet.Core.Metrics;

/// <summary>Reports as text: comma-separated values and Markdown, in the invariant culture.</summary>
internal static class ReportText
{
    private const int WorstCases = 5;

    internal static void Save(string path, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AtomicFile.Write(path, bytes.Length, stream => stream.Write(bytes));
    }

    internal static string Csv(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.AppendJoin(',', ["case", "group", "label", "height", "width", .. report.Metrics.Select(metric => Quote(metric.Name))])
            .Append("\r\n");
        foreach (CaseResult result in report.Cases)
        {
            for (int label = 0; label < result.Labels.Count; label++)
            {
                string[] fields =
                [
                    Quote(result.Name),
                    Quote(result.Group ?? ""),
                    Quote(report.Labels[label]),
                    result.Height.ToString(CultureInfo.InvariantCulture),
                    result.Width.ToString(CultureInfo.InvariantCulture),
                    .. report.Metrics.Select(metric => Digits(result.Labels[label].Values[metric])),
                ];
                text.AppendJoin(',', fields).Append("\r\n");
            }
        }

        return text.ToString();
    }

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
                $"Thresholds: {string.Join(", ", settings.LabelThresholds!.Select(Digits))}, chosen on {Cell(settings.ThresholdSource)}."));
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

    internal static string Cell(string value) => PlainText.ToMarkdown(value.ReplaceLineEndings(" "));

    internal static string Short(double value) => double.IsNaN(value) ? "–" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    internal static string Digits(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A text as a cell of a CSV file; see <see cref="PlainText.ToCell"/>.</summary>
    internal static string Quote(string field)
    {
        string cell = PlainText.ToCell(field);
        return cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    private static void AppendTable(StringBuilder text, EvaluationReport report, int? label, string name, BootstrapOptions bootstrap)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {Cell(name)}\n\n");
        text.Append("| metric | mean | interval | sd | median | quartiles | set value | undefined |\n|---|---|---|---|---|---|---|---|\n");
        foreach (Metric metric in report.Metrics)
        {
            MetricSummary summary = report.Summarize(metric, label, bootstrap);
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Cell(metric.Name)} | {Short(summary.Mean)} | {Short(summary.Confidence.Lower)} to "
                    + $"{Short(summary.Confidence.Upper)} | {Short(summary.StandardDeviation)} | {Short(summary.Median)} | "
                        + $"{Short(summary.LowerQuartile)} to {Short(summary.UpperQuartile)} | {Short(summary.SetValue)} | "
                            + $"{summary.Undefined.Count} |\n");
        }
    }

    private static void AppendWorst(StringBuilder text, EvaluationReport report)
    {
        if (!report.Metrics.Contains(Metric.Dice))
        {
            return;
        }

        text.Append("\n## Worst cases by Dice\n\n| case | Dice |\n|---|---|\n");
        foreach (CaseResult result in report.Worst(Metric.Dice, WorstCases))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(result.Name)} | {Short(result.Value(Metric.Dice))} |\n");
        }
    }

    private static void AppendUndefined(StringBuilder text, EvaluationReport report)
    {
        var undefined = report.Cases
            .SelectMany(result => result.Labels.SelectMany((values, label) => report.Metrics
                .Where(metric => double.IsNaN(values.Values[metric]))
                .Select(metric => (result.Name, Label: report.Labels[label], Metric: metric))))
            .GroupBy(entry => (entry.Name, entry.Label))
            .ToList();
        if (undefined.Count == 0)
        {
            return;
        }

        text.Append("\n## Undefined values\n\n| case | label | metrics |\n|---|---|---|\n");
        foreach (var entry in undefined)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Cell(entry.Key.Name)} | {Cell(entry.Key.Label)} | {Cell(string.Join(", ", entry.Select(value => value.Metric)))} |\n");
        }
    }
}
