namespace MadgNet.Core.Metrics;

/// <summary>A host's metric in a report that was read from a file: its name and what it depends on, but not how it is computed.</summary>
internal sealed class StoredMetric(string name, bool isLowerBetter, string definition) : CustomMetric(name, isLowerBetter)
{
    public override string Definition { get; } = definition;

    public override double Compute(in MetricInput maps) => throw new InvalidOperationException(
        $"Metric '{Name}': received a metric that was read from a report; expected the host's own, which computes. Pass the instance "
            + $"that the host made.");
}
