namespace MadgNet.Studies;

/// <summary>
/// A study, its data or a folder of its results that cannot be used, with every problem at once, so that a caller mends them in one go.
/// </summary>
public sealed class StudyException : MadgNetException
{
    /// <summary>Creates the exception from all problems that were found.</summary>
    /// <param name="what">What cannot be used, for the first line of the message.</param>
    /// <param name="problems">The problems; at least one.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public StudyException(string what, IReadOnlyList<Problem> problems, Exception? innerException = null)
        : base(Compose(what, problems), innerException)
    {
        Problems = problems;
    }

    /// <summary>Every problem that was found.</summary>
    public override IReadOnlyList<Problem> Problems { get; }

    /// <summary>Throws when there is a problem, with all of them; does nothing otherwise.</summary>
    /// <param name="what">What cannot be used.</param>
    /// <param name="problems">The problems found, possibly none.</param>
    /// <exception cref="StudyException">There is at least one problem.</exception>
    public static void ThrowIfAny(string what, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count > 0)
        {
            throw new StudyException(what, problems);
        }
    }

    private static string Compose(string what, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems.Count == 1
            ? $"{what} cannot be used. {problems[0]}"
            : $"{what} cannot be used, for {problems.Count} reasons."
                + $"{string.Concat(problems.Select(problem => $"{Environment.NewLine}- {problem}"))}";
    }
}
