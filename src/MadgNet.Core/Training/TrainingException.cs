namespace MadgNet.Core.Training;

/// <summary>A training run that cannot go on, such as one whose loss is no longer a number.</summary>
public sealed class TrainingException : MadgNetException
{
    /// <summary>Creates the exception from its problem.</summary>
    /// <param name="problem">What happened, what is expected and what to do.</param>
    /// <param name="innerException">The cause, or null.</param>
    public TrainingException(Problem problem, Exception? innerException = null)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)), innerException)
    {
        Problem = problem;
    }

    /// <summary>What happened, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <summary>Whether the loss or the gradients were no longer finite: usually the learning rate is too high.</summary>
    public bool IsDivergence { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}
