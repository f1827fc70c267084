using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>A tensor has another rank, size, channel count, element type or device than the module it was given to expects.</summary>
public sealed class TensorShapeException : MadgNetException
{
    /// <summary>Creates the exception from its problem.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    public TensorShapeException(Problem problem)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)))
    {
        Problem = problem;
    }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];

    internal static string Describe(Tensor tensor) =>
        $"a {tensor.dtype} tensor of shape [{string.Join(", ", tensor.shape)}]";
}
