using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>Questions to networks that are answered by training and testing variants: the commands for it.</summary>
internal sealed class StudyCommand : CliCommand
{
    public StudyCommand()
        : base(
            "study",
            "Answers a question by training and testing variants of a network: list, run or report.",
            "madgnet study list",
            "madgnet study run scales --data data --output studies/scales --quick",
            "madgnet study report studies/scales")
    {
        Add(new StudyListCommand());
        Add(new StudyRunCommand());
        Add(new StudyReportCommand());
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation) =>
        throw new UsageException(new Problem(
            "study", "nothing to do", "list, run or report", "Use 'madgnet study list' to see what there is"));
}
