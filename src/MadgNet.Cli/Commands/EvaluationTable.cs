using System.Text.Json.Nodes;
using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>What a report of an evaluation says, as a table for people and in the document for programs.</summary>
internal static class EvaluationTable
{
    /// <summary>What most papers report; the document always has all.</summary>
    private static readonly Metric[] Main =
        [Metric.Dice, Metric.IntersectionOverUnion, Metric.Precision, Metric.Recall, Metric.HausdorffDistance95];

    /// <summary>Tells what a report says.</summary>
    /// <param name="report">The report.</param>
    /// <param name="bootstrap">How intervals are drawn.</param>
    /// <param name="output">Where it is said.</param>
    /// <param name="all">Whether every metric is shown.</param>
    public static void Show(EvaluationReport report, BootstrapOptions bootstrap, CommandOutput output, bool all)
    {
        bool labelled = report.Labels.Count > 1;
        var table = new Table().AddColumn("metric");
        if (labelled)
        {
            table.AddColumn("label");
        }

        foreach (string column in new[] { "mean", "95 % interval", "median", "worst", "undefined" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        Metric[] shown = all ? [.. report.Metrics] : [.. report.Metrics.Where(Main.Contains)];
        shown = shown.Length == 0 ? [.. report.Metrics] : shown;
        var summaries = new JsonArray();
        foreach (Metric metric in report.Metrics)
        {
            for (int label = 0; label < report.Labels.Count; label++)
            {
                MetricSummary summary = report.Summarize(metric, label, bootstrap);
                double worst = metric.IsLowerBetter ? summary.Maximum : summary.Minimum;
                if (shown.Contains(metric))
                {
                    string[] cells =
                    [
                        Shown.Text(metric.ToString()),
                        .. labelled ? [Shown.Text(report.Labels[label])] : Array.Empty<string>(),
                        Text(summary.Mean),
                        $"{Text(summary.Confidence.Lower)} … {Text(summary.Confidence.Upper)}",
                        Text(summary.Median),
                        Text(worst),
                        $"{summary.Undefined.Count}",
                    ];
                    table.AddRow(cells);
                }

                summaries.Add((JsonNode)new JsonObject
                {
                    ["metric"] = metric.ToString(),
                    ["label"] = report.Labels[label],
                    ["mean"] = CommandOutput.Number(summary.Mean),
                    ["lower"] = CommandOutput.Number(summary.Confidence.Lower),
                    ["upper"] = CommandOutput.Number(summary.Confidence.Upper),
                    ["median"] = CommandOutput.Number(summary.Median),
                    ["worst"] = CommandOutput.Number(worst),
                    ["count"] = summary.Count,
                    ["undefined"] = summary.Undefined.Count,
                    ["leftOut"] = summary.LeftOut.Count,
                });
            }
        }

        output.Table(table);
        if (shown.Length < report.Metrics.Count && !output.Quiet)
        {
            output.Line($"{report.Metrics.Count - shown.Length} more metrics: --all shows them, --output and --json hold them");
        }

        output.Line(
            $"{report.Cases.Count} cases of '{report.Settings.SetName}', profile {report.Settings.Metrics.Profile}, threshold {report.Settings.Metrics.Threshold}");
        int leftOut = Enumerable.Range(0, report.Labels.Count)
            .Sum(label => report.Cases.Count(result => report.IsLeftOut(result, label)));
        if (leftOut > 0)
        {
            output.Line($"{leftOut} maps with an empty truth are left out of means.");
        }

        output.Result["set"] = report.Settings.SetName;
        output.Result["cases"] = report.Cases.Count;
        output.Result["profile"] = report.Settings.Metrics.Profile.ToString();
        output.Result["threshold"] = report.Settings.Metrics.Threshold;
        output.Result["metrics"] = summaries;
    }

    private static string Text(double value) => double.IsFinite(value) ? $"{value:F4}" : "-";
}
