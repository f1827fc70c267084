namespace MadgNet.Core.Foundation;

/// <summary>
/// Options that cannot be built from, with every problem at once, so that a caller mends them in one go.
/// </summary>
public sealed class InvalidOptionsException : MadgNetException
{
    /// <summary>Creates the exception from all problems that were found.</summary>
    /// <param name="what">What was to be built, for the first line of the message.</param>
    /// <param name="problems">The problems; at least one.</param>
    public InvalidOptionsException(string what, IReadOnlyList<Problem> problems)
        : base(Compose(what, problems))
    {
        Problems = problems;
    }

    /// <summary>Every problem that was found.</summary>
    public override IReadOnlyList<Problem> Problems { get; }

    /// <summary>Throws when there is a problem, with all of them; does nothing otherwise.</summary>
    /// <param name="what">What was to be built.</param>
    /// <param name="problems">The problems found, possibly none.</param>
    /// <exception cref="InvalidOptionsException">There is at least one problem.</exception>
    public static void ThrowIfAny(string what, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.Count > 0)
        {
            throw new InvalidOptionsException(what, problems);
        }
    }

    private static string Compose(string what, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems.Count == 1
            ? $"{what} cannot be built. {problems[0]}"
            : $"{what} cannot be built, for {problems.Count} reasons."
                + $"{string.Concat(problems.Select(problem => $"{Environment.NewLine}- {problem}"))}";
    }
}
