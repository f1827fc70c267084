namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Stochastic gradient descent with momentum (PyTorch's <c>SGD</c> without dampening). A weight decay is added to the gradient.
/// </summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>How much of the velocity a step keeps, 0 to below 1. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Whether a step looks ahead (Nesterov, in the form of Sutskever et al., 2013); needs a momentum. Default true.</summary>
    public bool Nesterov { get; init; } = true;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Momentum), Momentum),
        (nameof(Nesterov), Nesterov),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Validate()
    {
        List<Problem> problems = ValidateCommon();
        Check(problems, nameof(Momentum), Momentum, Momentum is >= 0 and < 1, "0 to below 1", "0.9");
        if (Nesterov && Momentum == 0)
        {
            problems.Add(new Problem(
                nameof(Nesterov), "true with a Momentum of 0", "a momentum above 0, or false", "Set Momentum to 0.9 or Nesterov to false"));
        }

        return problems;
    }

    /// <inheritdoc/>
    public override Optimizer Create(IReadOnlyList<ParameterGroup> groups)
    {
        InvalidOptionsException.ThrowIfAny(nameof(SgdOptions), Validate());
        return new SgdOptimizer(groups, Momentum, Nesterov);
    }
}
