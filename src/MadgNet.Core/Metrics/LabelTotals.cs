namespace MadgNet.Core.Metrics;

/// <summary>What a whole set adds up to for one label. It does not depend on the order of the cases.</summary>
public sealed class LabelTotals
{
    internal LabelTotals(
        ConfusionCounts counts, ComponentCounts? components, double? brierScore, double? calibrationError, double[]? f, double[]? alignment)
    {
        Counts = counts;
        Components = components;
        BrierScore = brierScore;
        ExpectedCalibrationError = calibrationError;
        FMeasureCurve = f;
        EnhancedAlignmentCurve = alignment;
    }

    /// <summary>The confusion table of all pixels: its metrics are the micro-averaged ones.</summary>
    public ConfusionCounts Counts { get; }

    /// <summary>The counts of all connected components; null where they were not asked for.</summary>
    public ComponentCounts? Components { get; }

    /// <summary>The Brier score of all pixels; null where it was not asked for.</summary>
    public double? BrierScore { get; }

    /// <summary>The expected calibration error of all pixels; null where it was not asked for.</summary>
    public double? ExpectedCalibrationError { get; }

    /// <summary>The F measure at the thresholds 255 … 0, averaged over the cases that count in means; null where it was not
    /// asked for, or no case counts.</summary>
    public IReadOnlyList<double>? FMeasureCurve { get; }

    /// <summary>The enhanced-alignment measure at the thresholds 255 … 0, averaged over the cases that count in means; null where it
    /// was not asked for, or no case counts.</summary>
    public IReadOnlyList<double>? EnhancedAlignmentCurve { get; }
}
