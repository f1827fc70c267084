using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Commands;

/// <summary>Puts the reports of shards together.</summary>
internal sealed class MergeCommand : CliCommand
{
    private readonly Argument<FileInfo[]> _files = new("reports")
    {
        Description = "The reports of all shards, as evaluate or predict wrote them.",
        HelpName = "FILES",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Description = "The report of the whole, the same as one process writes.",
        HelpName = "report.json",
        Required = true,
    };

    public MergeCommand()
        : base(
            "merge",
            "Puts the reports of shards together to the report that one process would have written.",
            "madgnet merge report.*-of-16.json --output report.json")
    {
        Add(_files);
        Add(_output);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string[] files = [.. arguments.GetRequiredValue(_files).Select(file => file.FullName).Distinct(StringComparer.Ordinal)];
        string target = arguments.GetRequiredValue(_output).FullName;
        var plan = new OutputPlan();
        foreach (string file in files)
        {
            plan.ReadFile(file, "reports");
        }

        plan.Write(target, "--output", ".json");
        plan.ThrowIfRefused();
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw new FileNotFoundException(new Problem(
                missing, "a file that is not there", "the report of a shard", "Check the path; wait for the shard to end").ToString());
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (PredictionReport.IsOne(files[0]))
        {
            PredictionReport.Merge([.. files.Select(PredictionReport.Read)]).Save(target);
        }
        else
        {
            EvaluationReport report = EvaluationShard.Merge([.. files.Select(EvaluationShard.LoadJson)]);
            EvaluationTable.Show(report, new BootstrapOptions(), output, all: true);
            report.SaveJson(target);
        }

        output.Line($"Report: {target}");
        output.Result["report"] = target;
        return ExitCode.Done;
    }
}
