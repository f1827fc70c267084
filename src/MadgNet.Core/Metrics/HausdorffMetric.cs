namespace MadgNet.Core.Metrics;

/// <summary>A percentile of the Hausdorff distance that is none of the usual two.</summary>
/// <param name="percentile">The percentile, 0 to 100.</param>
internal sealed class HausdorffMetric(double percentile) : Metric(NameOf(percentile), isLowerBetter: true)
{
    public double Percentile { get; } = percentile;

    public static string NameOf(double percentile) => FormattableString.Invariant($"{nameof(HausdorffDistance)}{percentile}");
}
