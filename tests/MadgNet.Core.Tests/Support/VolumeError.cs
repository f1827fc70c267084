using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Support;

/// <summary>A host's metric: the difference of the areas, as a share of the map; undefined where the truth is empty.</summary>
internal sealed class VolumeError(double weight = 1) : CustomMetric("VolumeError", isLowerBetter: true)
{
    public override string Definition => FormattableString.Invariant($"weight {weight}");

    public override double Compute(in MetricInput maps) => maps.Truth.Contains(true)
        ? weight * Math.Abs(maps.Counts.FalsePositives - maps.Counts.FalseNegatives) / maps.Truth.Length
        : double.NaN;
}
