namespace MadgNet.Core.Annotations;

/// <summary>A file of annotations cannot be read or written; the message says where and why.</summary>
public sealed class AnnotationException : MadgNetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public AnnotationException(Problem problem, Exception? innerException = null)
        : base((problem ?? throw new ArgumentNullException(nameof(problem))).ToString(), innerException) => Problem = problem;

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}
