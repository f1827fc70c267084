namespace MadgNet.Core.Metrics;

/// <summary>A metric over the cases of a set. Cases for which it is undefined are counted and listed, not averaged.</summary>
public sealed record MetricSummary
{
    internal MetricSummary()
    {
    }

    /// <summary>The metric.</summary>
    public Metric Metric { get; internal init; } = null!;

    /// <summary>The label; null for the mean over the labels of each case.</summary>
    public int? Label { get; internal init; }

    /// <summary>Number of cases with a defined value; all statistics are theirs, and NaN where there is none.</summary>
    public int Count { get; internal init; }

    /// <summary>The names of the cases for which the metric is undefined.</summary>
    public IReadOnlyList<string> Undefined { get; internal init; } = [];

    /// <summary>
    /// The names of the cases that the report's rule for empty truths leaves out; they are neither counted nor undefined.
    /// </summary>
    public IReadOnlyList<string> LeftOut { get; internal init; } = [];

    /// <summary>Mean over the cases.</summary>
    public double Mean { get; internal init; }

    /// <summary>Standard deviation over the cases, with n − 1; NaN for fewer than two.</summary>
    public double StandardDeviation { get; internal init; }

    /// <summary>Median.</summary>
    public double Median { get; internal init; }

    /// <summary>First quartile, linearly interpolated.</summary>
    public double LowerQuartile { get; internal init; }

    /// <summary>Third quartile, linearly interpolated.</summary>
    public double UpperQuartile { get; internal init; }

    /// <summary>Smallest value.</summary>
    public double Minimum { get; internal init; }

    /// <summary>Largest value.</summary>
    public double Maximum { get; internal init; }

    /// <summary>Confidence interval of the mean.</summary>
    public ConfidenceInterval Confidence { get; internal init; }

    /// <summary>
    /// The value that published evaluation code reports for the set: for the maximum of the F and alignment measures the maximum
    /// of the curve averaged over the cases, otherwise the mean over the cases.
    /// </summary>
    public double SetValue { get; internal init; }
}
