namespace MadgNet.Core.Training;

/// <summary>
/// When a run that no longer improves ends before its time. It looks at <see cref="TrainerOptions.Monitor"/>; with averaged
/// weights, an improvement of either kind of weights counts.
/// </summary>
public sealed record EarlyStopping : IDescribed
{
    /// <summary>How many validations in a row may bring no improvement; 1 or more. Default 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>
    /// By how much the best score has to be exceeded to count as improved, in the unit of the metric; 0 or more. Default 0.
    /// </summary>
    public double MinimumGain { get; init; }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        (nameof(Patience), Patience),
        (nameof(MinimumGain), MinimumGain),
    ];

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "EarlyStopping.Patience", Patience, 1);
        if (!(MinimumGain >= 0) || double.IsInfinity(MinimumGain))
        {
            problems.Add(new Problem(
                "EarlyStopping.MinimumGain",
                FormattableString.Invariant($"{MinimumGain}"),
                "a finite number of 0 or more",
                "Use 0, or 0.001 to ignore noise"));
        }

        return problems;
    }
}
