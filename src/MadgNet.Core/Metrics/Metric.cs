namespace MadgNet.Core.Metrics;

/// <summary>
/// A metric of a prediction against its truth. Each exists once; where conventions differ, the <see cref="MetricProfile"/> says
/// which one a number follows.
/// </summary>
public enum Metric
{
    /// <summary>Dice coefficient at the threshold, 0..1.</summary>
    Dice,

    /// <summary>Intersection over union of the foreground at the threshold, 0..1.</summary>
    IntersectionOverUnion,

    /// <summary>Mean of the intersection over union of foreground and background, 0..1.</summary>
    MeanIntersectionOverUnion,

    /// <summary>Precision at the threshold, 0..1.</summary>
    Precision,

    /// <summary>Recall (sensitivity) at the threshold, 0..1.</summary>
    Recall,

    /// <summary>Specificity at the threshold, 0..1.</summary>
    Specificity,

    /// <summary>Accuracy at the threshold, 0..1.</summary>
    Accuracy,

    /// <summary>Mean of recall and specificity, over the classes that the truth holds, 0..1.</summary>
    BalancedAccuracy,

    /// <summary>Matthews correlation coefficient, −1..1.</summary>
    MatthewsCorrelation,

    /// <summary>Cohen's kappa, at most 1.</summary>
    CohensKappa,

    /// <summary>F measure (β² = 0.3) at the adaptive threshold, 0..1.</summary>
    AdaptiveFMeasure,

    /// <summary>Mean of the F measure over 256 thresholds, 0..1.</summary>
    MeanFMeasure,

    /// <summary>Maximum of the F measure over 256 thresholds, 0..1. Over a set, papers take the maximum of the mean
    /// curve.</summary>
    MaxFMeasure,

    /// <summary>Weighted F measure, 0..1.</summary>
    WeightedFMeasure,

    /// <summary>Structure measure, 0..1.</summary>
    StructureMeasure,

    /// <summary>Enhanced-alignment measure at the adaptive threshold, 0 to a little above 1.</summary>
    AdaptiveEnhancedAlignment,

    /// <summary>Mean of the enhanced-alignment measure over 256 thresholds.</summary>
    MeanEnhancedAlignment,

    /// <summary>Maximum of the enhanced-alignment measure over 256 thresholds. Over a set, papers take the maximum of the mean
    /// curve.</summary>
    MaxEnhancedAlignment,

    /// <summary>Mean absolute error, 0..1; lower is better.</summary>
    MeanAbsoluteError,

    /// <summary>Average precision over the pixels, 0..1; NaN where the truth is empty.</summary>
    AveragePrecision,

    /// <summary>Area under the receiver operating characteristic over the pixels, 0..1; NaN where the truth is empty or
    /// full.</summary>
    RocAuc,

    /// <summary>Brier score, 0..1; lower is better.</summary>
    BrierScore,

    /// <summary>Expected calibration error, 0..1; lower is better.</summary>
    ExpectedCalibrationError,

    /// <summary>Hausdorff distance in the unit of the spacing; lower is better; NaN where one mask alone is empty.</summary>
    HausdorffDistance,

    /// <summary>95th percentile of the Hausdorff distance in the unit of the spacing; lower is better; NaN where one mask alone
    /// is empty.</summary>
    HausdorffDistance95,

    /// <summary>Average symmetric surface distance in the unit of the spacing; lower is better; NaN where one mask alone is
    /// empty.</summary>
    AverageSymmetricSurfaceDistance,

    /// <summary>Normalized surface distance at the tolerance, 0..1.</summary>
    NormalizedSurfaceDistance,

    /// <summary>Precision of connected components, 0..1.</summary>
    ComponentPrecision,

    /// <summary>Recall of connected components, 0..1.</summary>
    ComponentRecall,

    /// <summary>F1 measure of connected components, 0..1.</summary>
    ComponentF1,
}
