namespace MadgNet.Core.Foundation;

/// <summary>
/// A mask, prediction, target or other pixel map cannot be used: its shape does not fit, or its values are outside of
/// what the map may hold.
/// </summary>
public sealed class InvalidMapException : MadgNetException
{
    /// <summary>Creates the exception from the problem that was found.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    public InvalidMapException(Problem problem)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)))
    {
        Problem = problem;
    }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}
