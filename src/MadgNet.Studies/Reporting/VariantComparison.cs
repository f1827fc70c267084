using System.Globalization;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>A variant against the baseline in one metric: its value minus the baseline's, on the cases that both were tested on.</summary>
public sealed record VariantComparison
{
    private const double Level = 0.05;

    /// <summary>The variant.</summary>
    public required StudyVariant Variant { get; init; }

    /// <summary>The sets: those that are seen, or unseen, for both.</summary>
    public required StudyScope Scope { get; init; }

    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>Whether a lower value of the metric is the better one.</summary>
    public required bool IsLowerBetter { get; init; }

    /// <summary>The difference over seeds and cases.</summary>
    public required CrossedDifference Difference { get; init; }

    /// <summary>The p-value of the test over seeds and cases after Holm's correction over all variants and scopes of the metric; NaN where
    /// there is no test.</summary>
    public double AdjustedPValue { get; init; } = double.NaN;

    /// <summary>The p-value of Wilcoxon's test over the cases after the same correction; NaN where there is no test.</summary>
    public double AdjustedCasesPValue { get; init; } = double.NaN;

    /// <summary>Whether the corrected test over seeds and cases tells the difference from noise, at the level of 5 %.</summary>
    public bool IsClear => AdjustedPValue < Level;

    /// <summary>What can be said, as one sentence without its full stop.</summary>
    /// <returns>The verdict.</returns>
    public string Verdict()
    {
        if (Difference.Cases == 0 || Difference.Seeds == 0)
        {
            return "nothing to compare yet";
        }

        if (Difference.Seeds < 2)
        {
            return "one seed: what other seeds would give is not known";
        }

        string size = Math.Abs(Difference.Mean).ToString("F3", CultureInfo.InvariantCulture);
        if (IsClear)
        {
            bool better = IsLowerBetter ? Difference.Mean < 0 : Difference.Mean > 0;
            return $"{(better ? "better" : "worse")} by {size}";
        }

        if (Difference.IsClear)
        {
            return "not told from noise once all comparisons are counted";
        }

        return Difference.SeedsNeeded() is { } seeds
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"not told from noise; a true difference of {size} would need about {seeds} seeds")
            : $"not told from noise; no number of seeds would tell {size} on so few cases";
    }
}
