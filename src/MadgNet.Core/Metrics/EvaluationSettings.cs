namespace MadgNet.Core.Metrics;

/// <summary>What a report's numbers depend on besides the maps. Two reports are comparable where these agree.</summary>
public sealed record EvaluationSettings
{
    internal EvaluationSettings()
    {
    }

    internal EvaluationSettings(EvaluatorOptions options)
    {
        SetName = options.SetName;
        ModelName = options.ModelName;
        Metrics = options.Metrics;
        NetworkSize = options.NetworkSize;
        ThresholdSource = options.Thresholds?.SetName;
        EmptyTruths = options.EmptyTruths;
        SurfaceTolerances = options.SurfaceTolerances;
        LabelThresholds = options.Thresholds is null ? null : [.. options.Thresholds.Thresholds];
        LibraryVersion = typeof(EvaluationSettings).Assembly.GetName().Version?.ToString(3) ?? "unknown";
    }

    /// <summary>Name of the evaluated set.</summary>
    public string SetName { get; internal init; } = "";

    /// <summary>Name of the evaluated model; null where it was not given.</summary>
    public string? ModelName { get; internal init; }

    /// <summary>The metrics and their conventions.</summary>
    public MetricOptions Metrics { get; internal init; } = new();

    /// <summary>The network's size at which the maps were compared; null where it was each image's own.</summary>
    public (int Height, int Width)? NetworkSize { get; internal init; }

    /// <summary>The set on which the labels' thresholds were chosen; null where the threshold of the metric options was used.</summary>
    public string? ThresholdSource { get; internal init; }

    /// <summary>The chosen threshold of every label; null where the threshold of the metric options was used.</summary>
    public IReadOnlyList<double>? LabelThresholds { get; internal init; }

    /// <summary>What means do with labels of cases whose truth is empty.</summary>
    public EmptyTruths EmptyTruths { get; internal init; }

    /// <summary>The tolerance of the normalized surface distance of every label; null where that of the metric options was used.</summary>
    public IReadOnlyList<double>? SurfaceTolerances { get; internal init; }

    /// <summary>Version of the library that measured.</summary>
    public string LibraryVersion { get; internal init; } = "";

    /// <summary>The resolution in words: the network's size, or each image's own.</summary>
    public string Resolution => NetworkSize is { } size ? $"network, {size.Height}×{size.Width}" : "native";

    /// <summary>Why numbers under these settings may not be compared with those under others.</summary>
    /// <param name="other">The other settings.</param>
    /// <returns>The reasons; none where they may.</returns>
    public IReadOnlyList<string> Differences(EvaluationSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var reasons = new List<string>();
        Compare("profile", Metrics.Profile, other.Metrics.Profile);
        Compare("resolution", Resolution, other.Resolution);
        Compare("threshold", Thresholds(this), Thresholds(other));
        Compare("stretched maps", Metrics.StretchMaps, other.Metrics.StretchMaps);
        Compare("empty truths", EmptyTruths, other.EmptyTruths);
        Compare("surface tolerance", Tolerances(this), Tolerances(other));
        Compare("calibration bins", Metrics.CalibrationBins, other.Metrics.CalibrationBins);
        Compare("component overlap", Metrics.ComponentOverlap, other.Metrics.ComponentOverlap);
        Compare("connectivity", Metrics.Connectivity, other.Metrics.Connectivity);
        foreach (CustomMetric mine in Metrics.Custom)
        {
            if (other.Metrics.Custom.FirstOrDefault(metric => metric == mine) is { } theirs)
            {
                Compare($"metric {mine.Name}", Described(mine), Described(theirs));
            }
        }

        return reasons;

        static string Described(CustomMetric metric) =>
            $"{(metric.IsLowerBetter ? "lower is better" : "higher is better")}{(metric.Definition.Length == 0 ? "" : ", ")}"
                + $"{metric.Definition}";

        void Compare<T>(string what, T mine, T theirs)
        {
            if (!EqualityComparer<T>.Default.Equals(mine, theirs))
            {
                reasons.Add(FormattableString.Invariant($"{what}: {mine} and {theirs}"));
            }
        }

        static string Tolerances(EvaluationSettings settings) =>
            string.Join(", ", (settings.SurfaceTolerances ?? [settings.Metrics.SurfaceTolerance]).Select(ReportCell.Exact));

        // Two models may each have a threshold of their own, if both were chosen on the same validation set.
        static string Thresholds(EvaluationSettings settings) => settings.ThresholdSource is { } source
            ? $"chosen on {source}"
            : FormattableString.Invariant($"{settings.Metrics.Threshold}");
    }
}
