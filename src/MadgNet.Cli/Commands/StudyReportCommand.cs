using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Reporting;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Writes the report of a study from what was run so far, in one folder or in those of several shards.</summary>
internal sealed class StudyReportCommand : CliCommand
{
    private readonly Argument<string[]> _folders = new("DIR")
    {
        Description = "Folders that 'study run' has filled: one, or those of several shards.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<DirectoryInfo> _output = new("--output", "-o")
    {
        Description = "The folder of the report. [default: the first DIR]",
        HelpName = "DIR",
    };

    public StudyReportCommand()
        : base(
            "report",
            "Writes the report of a study from what was run so far.",
            "madgnet study report studies/scales",
            "madgnet study report shard1 shard2 shard3 --output studies/scales")
    {
        Add(_folders);
        Add(_output);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string[] folders = arguments.GetRequiredValue(_folders);
        StudyReport report = StudyReport.Load(folders);
        Show(report, arguments.GetValue(_output)?.ToString() ?? folders[0], output);
        return ExitCode.Done;
    }

    /// <summary>Saves a report and shows its first table.</summary>
    public static void Show(StudyReport report, string folder, CommandOutput output)
    {
        string path = report.Save(folder);
        string metric = report.Study.Metrics[0];
        StudyScope[] scopes = [.. report.Scores.Select(score => score.Scope).Distinct()];
        Table table = new Table().AddColumn("variant").AddColumn(new TableColumn("seeds").RightAligned());
        foreach (StudyScope scope in scopes)
        {
            table.AddColumn(new TableColumn($"{metric}, {(scope == StudyScope.Seen ? "seen" : "unseen")}").RightAligned());
        }

        var rows = new JsonArray();
        foreach (MadgNet.Studies.StudyVariant variant in report.Study.Variants)
        {
            VariantScore[] scores = [.. report.Scores.Where(score => score.Variant == variant && score.Metric == metric)];
            table.AddRow([
                Markup.Escape(variant.Label),
                $"{scores.Select(score => score.Score.Count).DefaultIfEmpty(0).Max()}",
                .. scores.Select(score => double.IsNaN(score.Score.Mean) ? "-" : $"{score.Score.Mean:F3}"),
            ]);
            foreach (VariantScore score in scores)
            {
                rows.Add((JsonNode)new JsonObject
                {
                    ["variant"] = variant.Name,
                    ["sets"] = score.Scope == StudyScope.Seen ? "seen" : "unseen",
                    ["metric"] = metric,
                    ["seeds"] = score.Score.Count,
                    ["mean"] = CommandOutput.Number(score.Score.Mean),
                    ["lower"] = CommandOutput.Number(score.Score.Interval.Lower),
                    ["upper"] = CommandOutput.Number(score.Score.Interval.Upper),
                });
            }
        }

        output.Table(table);
        foreach (VariantComparison comparison in report.Comparisons.Where(comparison => comparison.Metric == metric))
        {
            output.Line($"{comparison.Variant.Label}, {(comparison.Scope == StudyScope.Seen ? "seen" : "unseen")}: {comparison.Verdict()}");
        }

        int failed = report.Cells.Count(cell => cell.Status == CellStatus.Failed);
        output.Line($"{report.Cells.Count - failed} of {report.Study.Cells.Count} cells done, {failed} failed. Report: {path}");
        output.Result["report"] = path;
        output.Result["cells"] = report.Study.Cells.Count;
        output.Result["done"] = report.Cells.Count - failed;
        output.Result["failed"] = failed;
        output.Result["scores"] = rows;
    }
}
