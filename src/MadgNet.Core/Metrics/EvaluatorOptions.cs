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

    /// <summary>
    /// What means do with labels of cases whose truth is empty; <see cref="EmptyTruths.Scored"/> by default. The report says how many
    /// were left out, and keeps their values.
    /// </summary>
    public EmptyTruths EmptyTruths { get; init; } = EmptyTruths.Scored;

    /// <summary>
    /// Tolerance τ of the normalized surface distance for each label, in the unit of the spacing; null uses that of the metric options
    /// for all.
    /// </summary>
    public IReadOnlyList<double>? SurfaceTolerances { get; init => field = value is null ? null : [.. value]; }

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

        if (Thresholds is not null && Metrics is { StretchMaps: true })
        {
            problems.Add(new Problem(
                nameof(Thresholds),
                "thresholds that were chosen on probabilities, for maps that are stretched",
                "one of the two",
                "Leave the thresholds or StretchMaps out"));
        }

        if (!Enum.IsDefined(EmptyTruths))
        {
            problems.Add(new Problem(
                nameof(EmptyTruths),
                $"{(int)EmptyTruths}",
                string.Join(", ", Enum.GetNames<EmptyTruths>()),
                "Use Scored"));
        }

        if (SurfaceTolerances is { } tolerances
            && (tolerances.Any(tolerance => !(double.IsFinite(tolerance) && tolerance >= 0))
                || tolerances.Count == 0
                || (LabelNames is not null && LabelNames.Count != tolerances.Count)))
        {
            problems.Add(new Problem(
                nameof(SurfaceTolerances),
                FormattableString.Invariant($"[{string.Join(", ", tolerances.Select(ReportCell.Exact))}]"),
                LabelNames is null
                    ? "a finite number of at least 0 for each label"
                    : $"{LabelNames.Count} finite numbers of at least 0, one for each label",
                "Give each label the deviation that experts accept"));
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
