namespace MadgNet.Cli.CommandLine;

/// <summary>Options that are legal one by one but not together; answered like any other mistake on the command line.</summary>
internal sealed class UsageException(Problem problem) : Exception(problem.ToString())
{
    public Problem Problem { get; } = problem;
}
