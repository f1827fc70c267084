namespace MadgNet.Core.Metrics;

/// <summary>How a confidence interval is drawn from the cases of a set.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Number of resamples, at least 100; 2,000 by default.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Seed of the resampling; the same seed gives the same interval.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Level of the interval, above 0 and below 1; 0.95 by default.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>
    /// Whether whole groups (patients) are drawn instead of cases, which is right where cases of a group resemble each other. A
    /// case without a group is a group of its own.
    /// </summary>
    public bool ByGroup { get; init; }

    /// <summary>Everything that is wrong with the options.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Resamples < 100)
        {
            problems.Add(new Problem(nameof(Resamples), $"{Resamples}", "at least 100", "Use 2000"));
        }

        if (!(Level > 0 && Level < 1))
        {
            problems.Add(new Problem(nameof(Level), FormattableString.Invariant($"{Level}"), "a number above 0 and below 1", "Use 0.95"));
        }

        return problems;
    }
}
