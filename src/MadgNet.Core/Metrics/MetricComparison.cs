namespace MadgNet.Core.Metrics;

/// <summary>
/// A metric of two models over the same cases. Differences are the second model's value minus the first one's; cases for which
/// either is undefined are listed and left out.
/// </summary>
public sealed record MetricComparison
{
    internal MetricComparison()
    {
    }

    /// <summary>The metric.</summary>
    public Metric Metric { get; internal init; } = null!;

    /// <summary>Number of cases that were compared; with none, all numbers are NaN.</summary>
    public int Pairs { get; internal init; }

    /// <summary>The names of the cases that were left out because a value is undefined.</summary>
    public IReadOnlyList<string> Excluded { get; internal init; } = [];

    /// <summary>Mean of the first model over the compared cases.</summary>
    public double FirstMean { get; internal init; }

    /// <summary>Mean of the second model over the compared cases.</summary>
    public double SecondMean { get; internal init; }

    /// <summary>Mean difference, second minus first; above 0 the second model is better, except for errors and
    /// distances.</summary>
    public double MeanDifference { get; internal init; }

    /// <summary>Bootstrap confidence interval of the mean difference.</summary>
    public ConfidenceInterval Confidence { get; internal init; }

    /// <summary>Two-sided p-value of the Wilcoxon signed-rank test.</summary>
    public double WilcoxonPValue { get; internal init; }

    /// <summary>The same, corrected by Holm for all compared metrics.</summary>
    public double WilcoxonAdjustedPValue { get; internal init; }

    /// <summary>Two-sided p-value of the permutation test.</summary>
    public double PermutationPValue { get; internal init; }

    /// <summary>The same, corrected by Holm for all compared metrics.</summary>
    public double PermutationAdjustedPValue { get; internal init; }

    /// <summary>
    /// Cohen's d of the differences, their mean over their standard deviation (d_z); NaN where all differences are the same.
    /// </summary>
    public double CohensD { get; internal init; }

    /// <summary>Matched-pairs rank-biserial correlation, −1..1.</summary>
    public double RankBiserialCorrelation { get; internal init; }
}
