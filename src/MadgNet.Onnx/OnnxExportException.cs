namespace MadgNet.Onnx;

/// <summary>A model cannot be exported, or not in the way that was asked for, or the file cannot be written.</summary>
public sealed class OnnxExportException : MadgNetException
{
    /// <summary>Creates the exception from its problem.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public OnnxExportException(Problem problem, Exception? innerException = null)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)), innerException)
    {
        Problem = problem;
    }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}
