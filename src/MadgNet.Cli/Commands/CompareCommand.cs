using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;
using MadgNet.Reports.Pages;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Compares evaluations of the same cases.</summary>
internal sealed class CompareCommand : CliCommand
{
    private readonly Argument<FileInfo[]> _reports = new("REPORT")
    {
        Description = "Two or more report.json of evaluate, on the same cases; the first is what the others are compared with.",
        Arity = new ArgumentArity(2, 100)
    };
    private readonly Option<string?> _names = new("--names")
    {
        Description = "Names of the runs, parted by commas. [default: those of the files]",
        HelpName = "A,B"
    };
    private readonly Option<string?> _metrics = new("--metrics")
    {
        Description = "The metrics that were decided on beforehand, such as Dice,HD95. [default: all]",
        HelpName = "A,B"
    };
    private readonly Option<string?> _label = new("--label")
    {
        Description = "One label, by its name. [default: the mean over the labels]",
        HelpName = "NAME"
    };
    private readonly TableFiles _tables = new();
    private readonly Option<FileInfo> _output = new("--output", "-o") { Description = "Also write a page.", HelpName = "report.html" };

    public CompareCommand()
        : base(
            "compare",
            "Compares two or more evaluations case by case: paired differences, intervals and tests.",
            "madgnet compare a.json b.json --names A,B --metrics Dice,HD95",
            "madgnet compare a.json b.json c.json --metrics Dice --csv compared.csv --latex compared.tex --output compared.html")
    {
        Add(_reports);
        foreach (Option option in new Option[] { _names, _metrics, _label, _tables.Csv, _tables.Latex, _output })
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        FileInfo[] files = arguments.GetRequiredValue(_reports);
        string[]? given = arguments.GetValue(_names)?.Split(',', StringSplitOptions.TrimEntries);
        string[] names = given ?? Names(files);
        if (names.Length != files.Length
            || names.Any(string.IsNullOrEmpty)
            || names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            throw new UsageException(new Problem(
                "--names", string.Join(", ", names), $"{files.Length} names that differ, one for each report", "Name every report once"));
        }

        var plan = new OutputPlan();
        foreach (FileInfo file in files)
        {
            plan.ReadFile(file.FullName, "the report");
        }

        _tables.Plan(arguments, plan);
        if (arguments.GetValue(_output) is { } planned)
        {
            plan.Write(planned.FullName, "--output", ".html");
        }

        plan.ThrowIfRefused();
        (string Name, EvaluationReport Report)[] runs =
            [.. files.Select((file, i) => (names[i], EvaluationReport.LoadJson(file.FullName)))];
        IReadOnlyList<Metric>? metrics = MetricNames.Parse(
            arguments.GetValue(_metrics), [.. runs.Select(run => run.Report.Metrics).Aggregate((a, b) => [.. a.Intersect(b)])]);
        int? label = Label(arguments.GetValue(_label), runs[0].Report);
        IReadOnlyList<PairedComparison> comparisons = ComparisonPage.Compare(runs, metrics, label);
        foreach (PairedComparison comparison in comparisons)
        {
            Show(comparison, output);
        }

        output.Result["comparisons"] = new JsonArray([.. comparisons.Select(comparison => (JsonNode)Json(comparison))]);
        _tables.Write(
            arguments,
            () => string.Join("\r\n", comparisons.Select(comparison => comparison.ToCsv())),
            () => string.Join("\n", comparisons.Select(comparison => comparison.ToLatex())),
            output);
        if (arguments.GetValue(_output) is { } page)
        {
            Directory.CreateDirectory(page.DirectoryName!);
            ComparisonPage.Create(runs, metrics, label).Save(page.FullName);
            output.Line($"Report: {page}");
            output.Result["report"] = page.ToString();
        }

        return ExitCode.Done;
    }

    /// <summary>The names of the files, with their folders where they are alike.</summary>
    private static string[] Names(FileInfo[] files)
    {
        string[] names = [.. files.Select(file => Path.GetFileNameWithoutExtension(file.Name))];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : [.. files.Select(file => Path.ChangeExtension(file.ToString(), null))];
    }

    private static int? Label(string? name, EvaluationReport report)
    {
        if (name is null)
        {
            return null;
        }

        int index = report.Labels.ToList().IndexOf(name);
        return index >= 0
            ? index
            : throw new UsageException(new Problem("--label", $"'{name}'", string.Join(", ", report.Labels), "Name a label of the reports"));
    }

    private static void Show(PairedComparison comparison, CommandOutput output)
    {
        ReportTable rows = comparison.ToTable();
        output.Line($"{rows.Caption!}");
        var table = new Table();
        foreach (ReportColumn column in rows.Columns)
        {
            var shown = new TableColumn(Markup.Escape(column.Name));
            table.AddColumn(column.IsNumber ? shown.RightAligned() : shown);
        }

        foreach (IReadOnlyList<ReportCell> row in rows.Rows)
        {
            table.AddRow([.. row.Select(cell => Markup.Escape(cell.Display))]);
        }

        output.Table(table);
    }

    private static JsonObject Json(PairedComparison comparison) => new()
    {
        ["first"] = comparison.First,
        ["second"] = comparison.Second,
        ["set"] = comparison.SetName,
        ["metrics"] = new JsonArray([.. comparison.Metrics.Select(row => (JsonNode)new JsonObject
        {
            ["metric"] = row.Metric.Name,
            ["firstMean"] = CommandOutput.Number(row.FirstMean),
            ["secondMean"] = CommandOutput.Number(row.SecondMean),
            ["difference"] = CommandOutput.Number(row.MeanDifference),
            ["lower"] = CommandOutput.Number(row.Confidence.Lower),
            ["upper"] = CommandOutput.Number(row.Confidence.Upper),
            ["wilcoxonP"] = CommandOutput.Number(row.WilcoxonPValue),
            ["wilcoxonAdjustedP"] = CommandOutput.Number(row.WilcoxonAdjustedPValue),
            ["permutationP"] = CommandOutput.Number(row.PermutationPValue),
            ["permutationAdjustedP"] = CommandOutput.Number(row.PermutationAdjustedPValue),
            ["pairs"] = row.Pairs,
            ["excluded"] = row.Excluded.Count,
        })]),
    };
}
