namespace MadgNet.Core.Metrics;

/// <summary>What an <see cref="Evaluator"/> measures, and what its report says about it.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>Name of the evaluated set, for example <c>CVC-ColonDB</c>; not empty.</summary>
    public string SetName { get; init; } = "test";

    /// <summary>Name of the evaluated model for the report; null when it is not known.</summary>
    public string? ModelName { get; init; }

    /// <summary>The metrics and their conventions.</summary>
    public MetricOptions Metrics { get; init; } = new();

    /// <summary>
    /// The size at which predictions and truths are compared. Most published tables use the size of the network. Null compares at each
    /// image's own size. The report states the size.
    /// </summary>
    public (int Height, int Width)? NetworkSize { get; init; }

    /// <summary>
    /// Thresholds that were chosen on validation data. They replace the threshold of the metric options; null uses that one. Thresholds
    /// that were chosen on the evaluated set itself are refused.
    /// </summary>
    public ThresholdSelection? Thresholds { get; init; }

    /// <summary>Names of the labels; null numbers them from 0.</summary>
    public IReadOnlyList<string>? LabelNames { get; init; }

    /// <summary>The number of cases that are measured, and held in memory, at the same time; at least 1.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Everything that is wrong with the options.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(SetName))
        {
            problems.Add(new Problem(nameof(SetName), "an empty name", "the name of the evaluated set", "Name the set as its table does"));
        }

        if (Metrics is null)
        {
            problems.Add(new Problem(nameof(Metrics), "null", "metric options", "Leave it out for the defaults"));
        }
        else
        {
            problems.AddRange(Metrics.Validate());
        }

        if (NetworkSize is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(
                nameof(NetworkSize),
                $"{size.Height}×{size.Width}",
                "at least 1×1",
                "Use the size that the network was trained at, or null"));
        }

        if (Thresholds is not null && Thresholds.SetName == SetName)
        {
            problems.Add(new Problem(
                nameof(Thresholds),
                $"thresholds that were chosen on '{SetName}', which is the evaluated set",
                "thresholds that were chosen on validation data",
                "Sweep the thresholds on a validation set, or evaluate another one"));
        }

        if (LabelNames is not null
            && (LabelNames.Any(string.IsNullOrWhiteSpace) || LabelNames.Distinct(StringComparer.Ordinal).Count() != LabelNames.Count))
        {
            problems.Add(new Problem(
                nameof(LabelNames), $"[{string.Join(", ", LabelNames)}]", "names that are not empty and differ", "Name every label once"));
        }

        if (DegreeOfParallelism < 1)
        {
            problems.Add(new Problem(
                nameof(DegreeOfParallelism), $"{DegreeOfParallelism}", "at least 1", "Use Environment.ProcessorCount"));
        }

        return problems;
    }
}
