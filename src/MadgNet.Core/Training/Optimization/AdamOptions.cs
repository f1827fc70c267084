namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Adam (Kingma and Ba, ICLR 2015; PyTorch's <c>Adam</c>), the published optimizer. A weight decay is added to the gradient.
/// </summary>
public sealed record AdamOptions : OptimizerOptions
{
    /// <summary>How much of the mean gradient a step keeps, 0 to below 1. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of the mean squared gradient a step keeps, 0 to below 1. Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>What the denominator is raised by; above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Beta1), Beta1),
        (nameof(Beta2), Beta2),
        (nameof(Epsilon), Epsilon),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Validate() => AdamOptimizer.Validate(ValidateCommon(), Beta1, Beta2, Epsilon);

    /// <inheritdoc/>
    public override Optimizer Create(IReadOnlyList<ParameterGroup> groups)
    {
        InvalidOptionsException.ThrowIfAny(nameof(AdamOptions), Validate());
        return new AdamOptimizer(groups, Beta1, Beta2, Epsilon, decoupled: false);
    }
}
