namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// A run that cannot be resumed: there is no checkpoint that can be read, or model, data or options are not those that it
/// was made with. Nothing was changed.
/// </summary>
public sealed class ResumeException : MadgNetException
{
    /// <summary>Creates the exception from all problems that were found.</summary>
    /// <param name="path">The checkpoint or the folder.</param>
    /// <param name="problems">The problems; at least one.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public ResumeException(string path, IReadOnlyList<Problem> problems, Exception? innerException = null)
        : base(Compose(path, problems), innerException)
    {
        Path = path;
        Problems = problems;
    }

    /// <summary>The checkpoint or the folder.</summary>
    public string Path { get; }

    /// <summary>Every problem that was found.</summary>
    public override IReadOnlyList<Problem> Problems { get; }

    private static string Compose(string path, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems.Count == 1
            ? $"The run cannot be resumed from '{path}'. {problems[0]}"
            : $"The run cannot be resumed from '{path}', for {problems.Count} reasons."
                + $"{string.Concat(problems.Select(problem => $"{Environment.NewLine}- {problem}"))}";
    }
}
