namespace MadgNet.Core.Training.Optimization;

/// <summary>The state of a training run that does not fit what it is loaded into. Nothing was changed by the attempt.</summary>
public sealed class TrainingStateException : MadgNetException
{
    /// <summary>Creates the exception from everything that does not fit.</summary>
    /// <param name="what">What the state was loaded into, for the first line of the message.</param>
    /// <param name="problems">What is missing, unexpected or different; at least one.</param>
    public TrainingStateException(string what, IReadOnlyList<Problem> problems)
        : base(Compose(what, problems))
    {
        Problems = problems;
    }

    /// <summary>Everything that does not fit.</summary>
    public override IReadOnlyList<Problem> Problems { get; }

    private static string Compose(string what, IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        return problems.Count == 1
            ? $"The state of the {what} cannot be loaded. {problems[0]}"
            : $"The state of the {what} cannot be loaded, for {problems.Count} reasons."
                + $"{string.Concat(problems.Take(20).Select(problem => $"{Environment.NewLine}- {problem}"))}";
    }
}
