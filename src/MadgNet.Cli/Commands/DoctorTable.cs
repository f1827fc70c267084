using System.Text.Json.Nodes;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>What the doctor found: the sets as a table, the findings by kind with an example, and all of them in the document.</summary>
internal static class DoctorTable
{
    /// <summary>Tells what was found.</summary>
    /// <param name="report">The report.</param>
    /// <param name="output">Where it is said.</param>
    /// <param name="all">Whether every finding is shown, not one of each kind.</param>
    public static void Show(DoctorReport report, CommandOutput output, bool all)
    {
        var sets = new Table().AddColumn("set")
            .AddColumn("samples")
            .AddColumn("readable")
            .AddColumn("smallest")
            .AddColumn("largest")
            .AddColumn("channels")
            .AddColumn("foreground");
        foreach (SplitSummary split in report.Splits)
        {
            sets.AddRow(
                Shown.Text(split.Split),
                $"{split.Samples}",
                $"{split.Readable}",
                split.Smallest.Height == 0 ? "-" : $"{split.Smallest.Width}×{split.Smallest.Height}",
                split.Largest.Height == 0 ? "-" : $"{split.Largest.Width}×{split.Largest.Height}",
                string.Join(", ", split.Channels),
                double.IsNaN(split.Foreground) ? "-" : $"{split.Foreground:P1}");
        }

        output.Table(sets);
        Findings(report, output, all);
        output.Result["sets"] = new JsonArray([.. report.Splits.Select(split => (JsonNode)new JsonObject
        {
            ["set"] = split.Split,
            ["samples"] = split.Samples,
            ["readable"] = split.Readable,
            ["smallest"] = Size(split.Smallest),
            ["largest"] = Size(split.Largest),
            ["channels"] = new JsonArray([.. split.Channels.Select(count => (JsonNode)JsonValue.Create(count))]),
            ["foreground"] = CommandOutput.Number(split.Foreground),
        })]);
        output.Result["findings"] = new JsonArray([.. report.Findings.Select(finding => (JsonNode)Json(finding))]);
    }

    private static void Findings(DoctorReport report, CommandOutput output, bool all)
    {
        if (report.Findings.Count == 0)
        {
            output.Line($"Nothing was found.");
            return;
        }

        foreach (IGrouping<(FindingSeverity Severity, FindingKind Kind), Finding> group
            in report.Findings.GroupBy(finding => (finding.Severity, finding.Kind)))
        {
            string severity = group.Key.Severity.ToString();
            int count = group.Count();
            string example = all || count == 1 ? string.Empty : ", for example";
            FormattableString head = group.Key.Severity switch
            {
                FindingSeverity.Error => $"[red]{severity}[/]  {group.Key.Kind.ToString()} ×{count}{example}",
                FindingSeverity.Warning => $"[yellow]{severity}[/]  {group.Key.Kind.ToString()} ×{count}{example}",
                _ => $"[grey]{severity}[/]  {group.Key.Kind.ToString()} ×{count}{example}",
            };
            output.Line(head);
            foreach (Finding finding in all ? group : group.Take(1))
            {
                output.Line($"  {ToolWords.Of(finding.Problem).ToString()}");
            }
        }

        int Of(FindingSeverity severity) => report.Findings.Count(finding => finding.Severity == severity);
        (int errors, int warnings, int notes) = (Of(FindingSeverity.Error), Of(FindingSeverity.Warning), Of(FindingSeverity.Note));
        output.Line($"{errors} errors, {warnings} warnings, {notes} notes{(all ? "" : "; --all shows each")}");
    }

    private static JsonObject Json(Finding finding)
    {
        JsonObject json = CommandOutput.ToJson(ToolWords.Of(finding.Problem));
        json["kind"] = finding.Kind.ToString();
        json["severity"] = finding.Severity.ToString();
        json["related"] = new JsonArray([.. finding.Related.Select(name => (JsonNode)JsonValue.Create(name)!)]);
        return json;
    }

    private static JsonObject Size((int Height, int Width) size) => new() { ["height"] = size.Height, ["width"] = size.Width };
}
