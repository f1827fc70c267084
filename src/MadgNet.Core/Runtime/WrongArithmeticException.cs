namespace MadgNet.Core.Runtime;

/// <summary>
/// The machine's libtorch, or ONNX Runtime, computes wrongly, and switching its fast paths off did not help. No mask and no
/// weight is made with it.
/// </summary>
public sealed class WrongArithmeticException : MadgNetException
{
    /// <summary>Creates the exception from its problem.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    public WrongArithmeticException(Problem problem)
        : this(problem, [])
    {
    }

    /// <summary>Creates the exception from its problem and what was found.</summary>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    /// <param name="findings">The results that are wrong.</param>
    public WrongArithmeticException(Problem problem, IReadOnlyList<ArithmeticFinding> findings)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)))
    {
        Problem = problem;
        Findings = findings ?? throw new ArgumentNullException(nameof(findings));
    }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];

    /// <summary>The results that are wrong; empty where the operation could not be tried.</summary>
    public IReadOnlyList<ArithmeticFinding> Findings { get; }
}
