using MadgNet.Core.Losses;
using MadgNet.Core.Training.Optimization;

namespace MadgNet.Core.Training.RangeTest;

/// <summary>How a <see cref="LearningRateRangeTest"/> tries learning rates out.</summary>
public sealed record LearningRateRangeOptions
{
    /// <summary>The rate of the first step; above 0. Default 1e-7.</summary>
    public double Lowest { get; init; } = 1e-7;

    /// <summary>The rate of the last step; above <see cref="Lowest"/>. Default 1.</summary>
    public double Highest { get; init; } = 1;

    /// <summary>The number of steps, each with a rate that is the same factor above the last one's; 10 or more. Default 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>
    /// How many steps on either side a smoothed loss is the mean of, weighted less the farther away they are; 0 for none.
    /// Default 5. Looking to both sides, it puts a fall where it happened and not some steps later.
    /// </summary>
    public int Smoothing { get; init; } = 5;

    /// <summary>
    /// The test ends early once the mean loss of the last few steps exceeds the lowest such mean by this factor; above 1. Default 4.
    /// </summary>
    public double Divergence { get; init; } = 4;

    /// <summary>The optimizer that is to be used later. Default: Adam.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamOptions();

    /// <summary>The loss that is to be used later. Default: the published one.</summary>
    public DeepSupervisionLoss Loss { get; init; } = new();

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Steps), Steps, 10);
        Guard.Range(problems, nameof(Smoothing), Smoothing, 0);
        if (!(Lowest > 0) || !(Highest > Lowest) || double.IsInfinity(Highest))
        {
            problems.Add(new Problem(
                $"{nameof(Lowest)}, {nameof(Highest)}",
                FormattableString.Invariant($"{Lowest}, {Highest}"),
                "finite rates, 0 < Lowest < Highest",
                "Use 1e-7 and 1"));
        }

        if (!(Divergence > 1))
        {
            problems.Add(new Problem(
                nameof(Divergence),
                FormattableString.Invariant($"{Divergence}"),
                "above 1",
                "Use 4, or double.PositiveInfinity to go on to the end"));
        }

        if (Optimizer is null || Loss is null)
        {
            problems.Add(new Problem(
                "options", "null for Optimizer or Loss", "an optimizer and a loss", "Leave the defaults or set a value"));
        }

        problems.AddRange(Optimizer?.Validate() ?? []);
        return problems;
    }
}
