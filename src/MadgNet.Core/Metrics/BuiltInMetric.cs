namespace MadgNet.Core.Metrics;

/// <summary>A metric of this library, with everything that others have to know of it.</summary>
/// <param name="name">Its name.</param>
/// <param name="group">With what it is computed.</param>
/// <param name="isLowerBetter">Whether a lower value is better.</param>
/// <param name="isStandardOnly">Whether it exists in <see cref="MetricProfile.Standard"/> alone.</param>
internal sealed class BuiltInMetric(string name, MetricGroups group, bool isLowerBetter = false, bool isStandardOnly = false)
    : Metric(name, isLowerBetter)
{
    public MetricGroups Group { get; } = group;

    /// <summary>How it follows from a confusion table; null where it does not.</summary>
    public Func<ConfusionCounts, double>? OfCounts { get; init; }

    /// <summary>How it follows from counts of components; null where it does not.</summary>
    public Func<ComponentCounts, double>? OfComponents { get; init; }

    public bool IsIn(MetricProfile profile) => !isStandardOnly || profile == MetricProfile.Standard;
}
