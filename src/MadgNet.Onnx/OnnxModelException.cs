namespace MadgNet.Onnx;

/// <summary>An ONNX file cannot be read or run, or is not a segmentation network that the predictor can work with.</summary>
public sealed class OnnxModelException : MadgNetException
{
    /// <summary>Creates the exception from its problem.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public OnnxModelException(Problem problem, Exception? innerException = null)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)), innerException)
    {
        Problem = problem;
    }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}
