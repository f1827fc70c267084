namespace MadgNet.Core.Metrics;

/// <summary>
/// A metric of a prediction against its truth: one of the metrics below, or your own <see cref="CustomMetric"/>. Each metric exists
/// once. When conventions differ, the <see cref="MetricProfile"/> says which one a number follows.
/// </summary>
/// <remarks>
/// Two metrics are equal when their names are equal. So you can ask a report that was read from a file with the metric itself.
/// </remarks>
public abstract class Metric : IEquatable<Metric>
{
    private protected Metric(string name, bool isLowerBetter)
    {
        Name = name;
        IsLowerBetter = isLowerBetter;
    }

    /// <summary>Dice coefficient at the threshold, 0..1.</summary>
    public static Metric Dice { get; } = new BuiltInMetric(nameof(Dice), MetricGroups.Overlap) { OfCounts = counts => counts.Dice };

    /// <summary>Intersection over union of the foreground at the threshold, 0..1.</summary>
    public static Metric IntersectionOverUnion { get; } = new BuiltInMetric(
        nameof(IntersectionOverUnion), MetricGroups.Overlap)
    { OfCounts = counts => counts.IntersectionOverUnion };

    /// <summary>Mean of the intersection over union of foreground and background, 0..1.</summary>
    public static Metric MeanIntersectionOverUnion { get; } = new BuiltInMetric(
        nameof(MeanIntersectionOverUnion), MetricGroups.Overlap)
    { OfCounts = counts => counts.MeanIntersectionOverUnion };

    /// <summary>Precision at the threshold, 0..1.</summary>
    public static Metric Precision { get; } = new BuiltInMetric(
        nameof(Precision), MetricGroups.Overlap)
    { OfCounts = counts => counts.Precision };

    /// <summary>Recall (sensitivity) at the threshold, 0..1.</summary>
    public static Metric Recall { get; } = new BuiltInMetric(nameof(Recall), MetricGroups.Overlap) { OfCounts = counts => counts.Recall };

    /// <summary>Specificity at the threshold, 0..1.</summary>
    public static Metric Specificity { get; } = new BuiltInMetric(
        nameof(Specificity), MetricGroups.Overlap)
    { OfCounts = counts => counts.Specificity };

    /// <summary>Accuracy at the threshold, 0..1.</summary>
    public static Metric Accuracy { get; } = new BuiltInMetric(nameof(Accuracy), MetricGroups.Overlap)
    {
        OfCounts = counts => counts.Accuracy
    };

    /// <summary>Mean of recall and specificity, over the classes that the truth holds, 0..1.</summary>
    public static Metric BalancedAccuracy { get; } = new BuiltInMetric(
        nameof(BalancedAccuracy), MetricGroups.Overlap)
    { OfCounts = counts => counts.BalancedAccuracy };

    /// <summary>Matthews correlation coefficient, −1..1.</summary>
    public static Metric MatthewsCorrelation { get; } = new BuiltInMetric(
        nameof(MatthewsCorrelation), MetricGroups.Overlap)
    { OfCounts = counts => counts.MatthewsCorrelation };

    /// <summary>Cohen's kappa, at most 1.</summary>
    public static Metric CohensKappa { get; } = new BuiltInMetric(
        nameof(CohensKappa), MetricGroups.Overlap)
    { OfCounts = counts => counts.CohensKappa };

    /// <summary>F measure (β² = 0.3) at the adaptive threshold, 0..1.</summary>
    public static Metric AdaptiveFMeasure { get; } = new BuiltInMetric(
        nameof(AdaptiveFMeasure), MetricGroups.Structure, isStandardOnly: true);

    /// <summary>Mean of the F measure over 256 thresholds, 0..1.</summary>
    public static Metric MeanFMeasure { get; } = new BuiltInMetric(nameof(MeanFMeasure), MetricGroups.Structure, isStandardOnly: true);

    /// <summary>Maximum of the F measure over 256 thresholds, 0..1. Over a set, papers take the maximum of the mean
    /// curve.</summary>
    public static Metric MaxFMeasure { get; } = new BuiltInMetric(nameof(MaxFMeasure), MetricGroups.Structure, isStandardOnly: true);

    /// <summary>Weighted F measure, 0..1.</summary>
    public static Metric WeightedFMeasure { get; } = new BuiltInMetric(nameof(WeightedFMeasure), MetricGroups.Structure);

    /// <summary>Structure measure, 0..1.</summary>
    public static Metric StructureMeasure { get; } = new BuiltInMetric(nameof(StructureMeasure), MetricGroups.Structure);

    /// <summary>Enhanced-alignment measure at the adaptive threshold, 0 to a little above 1.</summary>
    public static Metric AdaptiveEnhancedAlignment { get; } = new BuiltInMetric(nameof(AdaptiveEnhancedAlignment), MetricGroups.Structure);

    /// <summary>Mean of the enhanced-alignment measure over 256 thresholds.</summary>
    public static Metric MeanEnhancedAlignment { get; } = new BuiltInMetric(
        nameof(MeanEnhancedAlignment), MetricGroups.Structure, isStandardOnly: true);

    /// <summary>Maximum of the enhanced-alignment measure over 256 thresholds. Over a set, papers take the maximum of the mean
    /// curve.</summary>
    public static Metric MaxEnhancedAlignment { get; } = new BuiltInMetric(
        nameof(MaxEnhancedAlignment), MetricGroups.Structure, isStandardOnly: true);

    /// <summary>Mean absolute error, 0..1; lower is better.</summary>
    public static Metric MeanAbsoluteError { get; } = new BuiltInMetric(
        nameof(MeanAbsoluteError), MetricGroups.Structure, isLowerBetter: true);

    /// <summary>Average precision over the pixels, 0..1; NaN where the truth is empty.</summary>
    public static Metric AveragePrecision { get; } = new BuiltInMetric(
        nameof(AveragePrecision), MetricGroups.Ranking, isStandardOnly: true);

    /// <summary>Area under the receiver operating characteristic over the pixels, 0..1; NaN where the truth is empty or
    /// full.</summary>
    public static Metric RocAuc { get; } = new BuiltInMetric(nameof(RocAuc), MetricGroups.Ranking, isStandardOnly: true);

    /// <summary>Brier score, 0..1; lower is better.</summary>
    public static Metric BrierScore { get; } = new BuiltInMetric(
        nameof(BrierScore), MetricGroups.Calibration, isLowerBetter: true, isStandardOnly: true);

    /// <summary>Expected calibration error, 0..1; lower is better.</summary>
    public static Metric ExpectedCalibrationError { get; } = new BuiltInMetric(
        nameof(ExpectedCalibrationError), MetricGroups.Calibration, isLowerBetter: true, isStandardOnly: true);

    /// <summary>Hausdorff distance in the unit of the spacing; lower is better; NaN where one mask alone is empty.</summary>
    public static Metric HausdorffDistance { get; } = new BuiltInMetric(
        nameof(HausdorffDistance), MetricGroups.Surface, isLowerBetter: true);

    /// <summary>95th percentile of the Hausdorff distance in the unit of the spacing; lower is better; NaN where one mask alone
    /// is empty.</summary>
    public static Metric HausdorffDistance95 { get; } = new BuiltInMetric(
        nameof(HausdorffDistance95), MetricGroups.Surface, isLowerBetter: true);

    /// <summary>Average symmetric surface distance in the unit of the spacing; lower is better; NaN where one mask alone is
    /// empty.</summary>
    public static Metric AverageSymmetricSurfaceDistance { get; } = new BuiltInMetric(
        nameof(AverageSymmetricSurfaceDistance), MetricGroups.Surface, isLowerBetter: true);

    /// <summary>Normalized surface distance at the tolerance, 0..1.</summary>
    public static Metric NormalizedSurfaceDistance { get; } = new BuiltInMetric(nameof(NormalizedSurfaceDistance), MetricGroups.Surface);

    /// <summary>Precision of connected components, 0..1.</summary>
    public static Metric ComponentPrecision { get; } = new BuiltInMetric(
        nameof(ComponentPrecision), MetricGroups.Components)
    { OfComponents = components => components.Precision };

    /// <summary>Recall of connected components, 0..1.</summary>
    public static Metric ComponentRecall { get; } = new BuiltInMetric(
        nameof(ComponentRecall), MetricGroups.Components)
    { OfComponents = components => components.Recall };

    /// <summary>F1 measure of connected components, 0..1.</summary>
    public static Metric ComponentF1 { get; } = new BuiltInMetric(
        nameof(ComponentF1), MetricGroups.Components)
    { OfComponents = components => components.F1 };

    /// <summary>Mean of the Dice coefficient over 256 thresholds, 0..1; of the group <see cref="MetricGroups.Thresholds"/>.</summary>
    public static Metric DiceOverThresholds { get; } = new BuiltInMetric(
        nameof(DiceOverThresholds), MetricGroups.Thresholds, isStandardOnly: true);

    /// <summary>Mean of the intersection over union over 256 thresholds, 0..1; of the group
    /// <see cref="MetricGroups.Thresholds"/>.</summary>
    public static Metric IntersectionOverUnionOverThresholds { get; } = new BuiltInMetric(
        nameof(IntersectionOverUnionOverThresholds), MetricGroups.Thresholds, isStandardOnly: true);

    /// <summary>The metrics of this library, in the order of reports.</summary>
    public static IReadOnlyList<Metric> BuiltIn { get; } =
    [
        Dice,
        IntersectionOverUnion,
        MeanIntersectionOverUnion,
        Precision,
        Recall,
        Specificity,
        Accuracy,
        BalancedAccuracy,
        MatthewsCorrelation,
        CohensKappa,
        AdaptiveFMeasure,
        MeanFMeasure,
        MaxFMeasure,
        WeightedFMeasure,
        StructureMeasure,
        AdaptiveEnhancedAlignment,
        MeanEnhancedAlignment,
        MaxEnhancedAlignment,
        MeanAbsoluteError,
        AveragePrecision,
        RocAuc,
        BrierScore,
        ExpectedCalibrationError,
        HausdorffDistance,
        HausdorffDistance95,
        AverageSymmetricSurfaceDistance,
        NormalizedSurfaceDistance,
        ComponentPrecision,
        ComponentRecall,
        ComponentF1,
        DiceOverThresholds,
        IntersectionOverUnionOverThresholds,
    ];

    /// <summary>The name in reports and files, such as <c>Dice</c>.</summary>
    public string Name { get; }

    /// <summary>Whether a lower value is better: errors and distances.</summary>
    public bool IsLowerBetter { get; }

    /// <summary>Whether two metrics have the same name.</summary>
    /// <param name="left">A metric.</param>
    /// <param name="right">Another metric.</param>
    /// <returns>True for the same name.</returns>
    public static bool operator ==(Metric? left, Metric? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two metrics have different names.</summary>
    /// <param name="left">A metric.</param>
    /// <param name="right">Another metric.</param>
    /// <returns>False for the same name.</returns>
    public static bool operator !=(Metric? left, Metric? right) => !(left == right);

    /// <summary>
    /// A percentile of the Hausdorff distance in the unit of the spacing: the larger of the two directed percentiles, linearly
    /// interpolated; lower is better; NaN where one mask alone is empty. Reports hold it where
    /// <see cref="MetricOptions.HausdorffPercentiles"/> names the percentile.
    /// </summary>
    /// <param name="percentile">0 to 100; 95 and 100 give <see cref="HausdorffDistance95"/> and <see cref="HausdorffDistance"/>.</param>
    /// <returns>The metric, with a name such as <c>HausdorffDistance99</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The percentile is outside of 0 to 100.</exception>
    public static Metric HausdorffDistanceAt(double percentile) => percentile switch
    {
        100 => HausdorffDistance,
        95 => HausdorffDistance95,
        _ => new HausdorffMetric(SurfaceDistances.Checked(percentile)),
    };

    /// <summary>The metric of this library with a name.</summary>
    /// <param name="name">The name, such as <c>Dice</c>; capitals count.</param>
    /// <returns>The metric; null where the library has none of that name.</returns>
    public static Metric? Find(string name) => BuiltIn.FirstOrDefault(metric => metric.Name == name);

    /// <inheritdoc/>
    public bool Equals(Metric? other) => other is not null && (ReferenceEquals(this, other) || Name == other.Name);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as Metric);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name.</summary>
    /// <returns>The name in reports.</returns>
    public sealed override string ToString() => Name;
}
