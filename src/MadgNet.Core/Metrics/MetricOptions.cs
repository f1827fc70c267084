using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>Which metrics are computed, and by which conventions. The defaults suit a segmentation paper.</summary>
public sealed record MetricOptions
{
    /// <summary>The conventions; <see cref="MetricProfile.Standard"/> by default.</summary>
    public MetricProfile Profile { get; init; } = MetricProfile.Standard;

    /// <summary>
    /// Whether every map is stretched to its own minimum and maximum before anything is measured, <c>(P − min) / (max − min)</c>, as
    /// PySODMetrics does; a map of one value stays as it is. False by default: the probabilities count as they are. It changes every
    /// metric but the ranking, and what the threshold means; numbers with it are comparable with those of PySODMetrics alone. Pixels
    /// that are ignored take no part in it. Only with <see cref="MetricProfile.Standard"/>.
    /// </summary>
    public bool StretchMaps { get; init; }

    /// <summary>The groups of metrics to compute; all but <see cref="MetricGroups.Thresholds"/> by default.</summary>
    public MetricGroups Groups { get; init; } = MetricGroups.Usual;

    /// <summary>A pixel is predicted as foreground from this probability on, 0..1; 0.5 by default.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>Tolerance τ of the normalized surface distance, in the unit of the spacing; 2 by default.</summary>
    public double SurfaceTolerance { get; init; } = 2;

    /// <summary>
    /// Percentiles of the Hausdorff distance beside the largest distance and the 95th percentile, 0 to 100; none by default. Their
    /// metrics are those of <see cref="Metric.HausdorffDistanceAt"/>, and belong to the group <see cref="MetricGroups.Surface"/>.
    /// </summary>
    public IReadOnlyList<double> HausdorffPercentiles { get; init => field = value is null ? null! : value.Count == 0 ? [] : [.. value]; }
        = [];

    /// <summary>Size of a pixel; one unit a pixel by default.</summary>
    public PixelSpacing Spacing { get; init; } = PixelSpacing.Pixels;

    /// <summary>Number of bins of the expected calibration error; 15 by default.</summary>
    public int CalibrationBins { get; init; } = 15;

    /// <summary>Intersection over union from which two components are a pair, above 0 and at most 1; 0.5 by default.</summary>
    public double ComponentOverlap { get; init; } = 0.5;

    /// <summary>Which neighbours belong to the same component; eight by default.</summary>
    public ComponentConnectivity Connectivity { get; init; } = ComponentConnectivity.Eight;

    /// <summary>Metrics of your own, computed beside those of the groups; none by default.</summary>
    public IReadOnlyList<CustomMetric> Custom { get; init => field = value is null ? null! : value.Count == 0 ? [] : [.. value]; } = [];

    /// <summary>
    /// The metrics that these options compute, in the order of <see cref="Metric.BuiltIn"/>, the host's last. The official profile has one
    /// threshold
    /// only, so that curves, ranking and calibration do not exist in it.
    /// </summary>
    public IReadOnlyList<Metric> Metrics =>
    [
        .. Metric.BuiltIn.Where(IsComputed),
        .. HausdorffPercentiles.Select(Metric.HausdorffDistanceAt).Where(metric => metric is HausdorffMetric).Distinct(),
        .. Custom,
    ];

    /// <summary>Everything that is wrong with the options.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        problems.AddRange(Problem.Undefined(nameof(Profile), Profile));
        Check((Groups != MetricGroups.None || Custom is { Count: > 0 })
            && (Groups & ~MetricGroups.All) == 0, nameof(Groups), (int)Groups, "at least one of the groups", "Use MetricGroups.All");
        Check(Threshold >= 0 && Threshold <= 1, nameof(Threshold), Threshold, "a number from 0 to 1", "Use 0.5");
        Check(double.IsFinite(SurfaceTolerance)
            && SurfaceTolerance >= 0, nameof(SurfaceTolerance), SurfaceTolerance, "a finite number of at least 0", "Use the deviation "
                + "that experts accept");
        Check(!StretchMaps || Profile == MetricProfile.Standard, nameof(StretchMaps), (int)Profile, "the profile Standard (0)", "Leave it "
            + "out: the published evaluation does not stretch");
        Check(HausdorffPercentiles is { Count: 0 } || Groups.HasFlag(MetricGroups.Surface), nameof(HausdorffPercentiles), (int)Groups,
            $"groups with Surface ({(int)MetricGroups.Surface})", "Add MetricGroups.Surface");
        foreach (double percentile in (HausdorffPercentiles ?? [double.NaN]).Where(percentile => !(percentile >= 0 && percentile <= 100)))
        {
            Check(false, nameof(HausdorffPercentiles), percentile, "numbers from 0 to 100", "Use for example 99");
        }

        Check(Spacing.Row > 0, nameof(Spacing), Spacing.Row, "distances above 0", "Use PixelSpacing.Pixels");
        Check(CalibrationBins >= 1, nameof(CalibrationBins), CalibrationBins, "at least 1", "Use 15");
        Check(ComponentOverlap > 0
            && ComponentOverlap <= 1, nameof(ComponentOverlap), ComponentOverlap, "a number above 0 and at most 1", "Use 0.5");
        problems.AddRange(Problem.Undefined(nameof(Connectivity), Connectivity));
        if (Custom is null || Custom.Any(metric => metric is null) || Custom.Distinct().Count() != Custom.Count
            || Custom.Any(metric => HausdorffPercentiles is not null
                && HausdorffPercentiles.Any(percentile => HausdorffMetric.NameOf(percentile) == metric.Name)))
        {
            problems.Add(new Problem(
                nameof(Custom),
                Custom is null ? "null" : $"[{string.Join(", ", Custom.Select(metric => metric?.Name ?? "null"))}]",
                "metrics with names that differ",
                "Pass every metric once"));
        }

        return problems;

        void Check(bool isLegal, string subject, double received, string expected, string remedy)
        {
            if (!isLegal)
            {
                problems.Add(new Problem(subject, FormattableString.Invariant($"{received}"), expected, remedy));
            }
        }
    }

    internal bool IsComputed(Metric metric) => metric switch
    {
        BuiltInMetric known => Groups.HasFlag(known.Group) && known.IsIn(Profile),
        HausdorffMetric distance => Groups.HasFlag(MetricGroups.Surface) && HausdorffPercentiles.Contains(distance.Percentile),
        _ => Custom.Contains(metric),
    };
}
