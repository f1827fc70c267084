namespace MadgNet.Core.Metrics;

/// <summary>A bootstrap confidence interval of a mean, by percentiles.</summary>
/// <param name="Lower">Lower bound; NaN where there is no value.</param>
/// <param name="Upper">Upper bound; NaN where there is no value.</param>
/// <param name="Level">Level of the interval.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper, double Level);
