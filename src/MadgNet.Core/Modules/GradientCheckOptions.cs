using MadgNet.Core.Foundation;

namespace MadgNet.Core.Modules;

/// <summary>How <see cref="GradientCheck"/> compares.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>
    /// How far an element is moved to either side; above 0, at most 0.1. Default 1e-6: rounding and curvature take about the same share.
    /// </summary>
    public double Step { get; init; } = 1e-6;

    /// <summary>
    /// The most elements of one tensor that are compared, spread over it; 1 or more. Default 24; each takes two forward passes.
    /// </summary>
    public int ElementsPerTensor { get; init; } = 24;

    /// <summary>The seed of the weights that the outputs are summed with. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (!(Step > 0 && Step <= 0.1))
        {
            problems.Add(new Problem(nameof(Step), FormattableString.Invariant($"{Step}"), "above 0, at most 0.1", "Use 1e-6"));
        }

        Guard.Range(problems, nameof(ElementsPerTensor), ElementsPerTensor, 1);
        return problems;
    }
}
