namespace MadgNet.Core.Foundation;

/// <summary>
/// Processes that cannot work together, or do no longer: they were started with other data or options, another rank failed, or
/// the connection between them is lost.
/// </summary>
public class ProcessGroupException : MadgNetException
{
    /// <summary>Creates the exception from all problems that were found.</summary>
    /// <param name="problems">The problems; at least one.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public ProcessGroupException(IReadOnlyList<Problem> problems, Exception? innerException = null)
        : base(Compose(problems), innerException) => Problems = problems;

    /// <summary>Every problem that was found.</summary>
    public override IReadOnlyList<Problem> Problems { get; }

    private static string Compose(IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return string.Join(Environment.NewLine, problems);
    }
}
