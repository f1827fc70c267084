using System.Buffers;
using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>The metrics of one map, a label of a case, against its truth.</summary>
public sealed class MapMetrics
{
    private readonly Dictionary<Metric, double> _values;

    private MapMetrics(MetricOptions options, Dictionary<Metric, double> values, ConfusionCounts counts)
    {
        Options = options;
        _values = values;
        Counts = counts;
    }

    /// <summary>What was computed, and by which conventions.</summary>
    public MetricOptions Options { get; }

    /// <summary>The confusion table at the threshold.</summary>
    public ConfusionCounts Counts { get; }

    /// <summary>The counts of connected components; null where they were not asked for.</summary>
    public ComponentCounts? Components { get; private init; }

    /// <summary>The calibration table; null where it was not asked for or the profile has none.</summary>
    public CalibrationTable? Calibration { get; private init; }

    /// <summary>The curve of the F measure; null where it was not asked for or the profile has none.</summary>
    public ThresholdCurve? FMeasure { get; private init; }

    /// <summary>The curve of the enhanced-alignment measure; null where it was not asked for or the profile has none.</summary>
    public ThresholdCurve? EnhancedAlignment { get; private init; }

    /// <summary>A metric's value; NaN where it is undefined for these maps.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="ArgumentException">The metric was not computed.</exception>
    public double this[Metric metric] => Options.IsComputed(metric)
        ? _values[metric]
        : throw new ArgumentException(
            $"Metric: received {metric}; expected one of {string.Join(", ", Options.Metrics)}. Add its group to the options, or choose "
                + $"the Standard profile.",
            nameof(metric));

    /// <summary>Computes all metrics that the options name, sharing what they have in common.</summary>
    /// <param name="prediction">H×W probabilities, 0..1 to within 1e-5, as resizing rounds.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="options">What to compute; the defaults when null.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, a probability is NaN or outside of 0..1, or a metric of your own is
    /// infinite.</exception>
    /// <exception cref="InvalidOptionsException">The options have problems; lists all of them.</exception>
    public static MapMetrics Compute(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, MetricOptions? options = null)
    {
        options ??= new MetricOptions();
        InvalidOptionsException.ThrowIfAny(nameof(MapMetrics), options.Validate());
        MapCheck.Pair(prediction, truth, height, width);
        if (options.StretchMaps)
        {
            prediction = MapCheck.Stretched(prediction, []);
        }

        using var pair = new MapPair(prediction, truth, height, width, options.Profile, options.Threshold);
        return Compute(prediction, pair, prediction, truth, options);
    }

    /// <summary>
    /// The metrics of maps of which some pixels count for nothing, and are 0 in both: those of pixels are computed of the others
    /// alone, those of shapes and surfaces of maps with background there.
    /// </summary>
    internal static MapMetrics Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, FloatImage ignored, MetricOptions options)
    {
        InvalidOptionsException.ThrowIfAny(nameof(MapMetrics), options.Validate());
        MapCheck.Pair(prediction, truth, ignored.Height, ignored.Width);
        if (options.StretchMaps)
        {
            prediction = MapCheck.Stretched(prediction, ignored.Data);
        }

        var keptPrediction = new float[prediction.Length];
        var keptTruth = new bool[prediction.Length];
        int kept = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            if (ignored.Data[i] == 0)
            {
                (keptPrediction[kept], keptTruth[kept]) = (prediction[i], truth[i]);
                kept++;
            }
        }

        if (kept == 0)
        {
            throw new InvalidMapException(new Problem(
                "ignored pixels", $"all {prediction.Length}", "at least one pixel that counts", "Leave the case out, or correct what is ignored"));
        }

        using var pair = new MapPair(prediction, truth, ignored.Height, ignored.Width, options.Profile, options.Threshold);
        return Compute(prediction, pair, keptPrediction.AsSpan(0, kept), keptTruth.AsSpan(0, kept), options);
    }

    private static MapMetrics Compute(
        ReadOnlySpan<float> prediction,
        in MapPair pair,
        ReadOnlySpan<float> counted,
        ReadOnlySpan<bool> countedTruth,
        MetricOptions options)
    {
        var values = new Dictionary<Metric, double>(Metric.BuiltIn.Count + options.Custom.Count);
        bool standard = options.Profile == MetricProfile.Standard;
        ConfusionCounts counts = ConfusionCounts.Count(counted, MemoryMarshal.AsBytes(countedTruth), options.Threshold);
        AddOverlap(values, counts, standard);

        ThresholdCurve? f = null;
        ThresholdCurve? alignment = null;
        if (options.Groups.HasFlag(MetricGroups.Structure))
        {
            values[Metric.StructureMeasure] = StructureMeasure.Compute(pair, options.Profile);
            values[Metric.WeightedFMeasure] = WeightedFMeasure.Compute(pair, options.Profile);
            values[Metric.MeanAbsoluteError] = counted.Length == pair.Count
                ? pair.MeanAbsoluteError
                : pair.MeanAbsoluteError * pair.Count / counted.Length;
            if (!standard)
            {
                values[Metric.AdaptiveEnhancedAlignment] = OfficialEnhancedAlignment(counts);
            }
        }

        if (standard && (options.Groups & (MetricGroups.Structure | MetricGroups.Thresholds)) != 0)
        {
            var histogram = new ThresholdHistogram(counted, countedTruth);
            if (options.Groups.HasFlag(MetricGroups.Structure))
            {
                f = histogram.FMeasure();
                alignment = histogram.EnhancedAlignment(EnhancedAlignmentMeasure.StandardEpsilon);
                AddCurve(values, f, Metric.AdaptiveFMeasure, Metric.MeanFMeasure, Metric.MaxFMeasure);
                AddCurve(values, alignment, Metric.AdaptiveEnhancedAlignment, Metric.MeanEnhancedAlignment, Metric.MaxEnhancedAlignment);
            }

            if (options.Groups.HasFlag(MetricGroups.Thresholds))
            {
                values[Metric.DiceOverThresholds] = histogram.Mean(table => table.Dice);
                values[Metric.IntersectionOverUnionOverThresholds] = histogram.Mean(table => table.IntersectionOverUnion);
            }
        }

        if (standard && options.Groups.HasFlag(MetricGroups.Ranking))
        {
            PixelRanking ranking = PixelRanking.Compute(counted, countedTruth);
            values[Metric.AveragePrecision] = ranking.AveragePrecision;
            values[Metric.RocAuc] = ranking.RocAuc;
        }

        CalibrationTable? calibration = null;
        if (standard && options.Groups.HasFlag(MetricGroups.Calibration))
        {
            calibration = CalibrationTable.Compute(counted, countedTruth, options.CalibrationBins);
            values[Metric.BrierScore] = calibration.BrierScore;
            values[Metric.ExpectedCalibrationError] = calibration.ExpectedCalibrationError;
        }

        ComponentCounts? components = AddBinary(values, prediction, pair, options);
        AddCustom(values, prediction, pair, options, counts);
        return new MapMetrics(options, values, counts)
        {
            Components = components,
            Calibration = calibration,
            FMeasure = f,
            EnhancedAlignment = alignment,
        };
    }

    private static void AddOverlap(Dictionary<Metric, double> values, ConfusionCounts counts, bool standard)
    {
        values[Metric.Dice] = standard ? counts.Dice : OfficialDice(counts);
        values[Metric.IntersectionOverUnion] = standard ? counts.IntersectionOverUnion : OfficialIntersectionOverUnion(counts);
        values[Metric.MeanIntersectionOverUnion] = counts.MeanIntersectionOverUnion;
        values[Metric.Precision] = counts.Precision;
        values[Metric.Recall] = counts.Recall;
        values[Metric.Specificity] = counts.Specificity;
        values[Metric.Accuracy] = counts.Accuracy;
        values[Metric.BalancedAccuracy] = counts.BalancedAccuracy;
        values[Metric.MatthewsCorrelation] = counts.MatthewsCorrelation;
        values[Metric.CohensKappa] = counts.CohensKappa;
    }

    private static double OfficialDice(ConfusionCounts counts) =>
        ((2 * counts.TruePositives) + 1e-5) / ((2 * counts.TruePositives) + counts.FalsePositives + counts.FalseNegatives + 1e-5);

    private static double OfficialIntersectionOverUnion(ConfusionCounts counts) =>
        (counts.TruePositives + 1e-5) / (counts.TruePositives + counts.FalsePositives + counts.FalseNegatives + 1e-5);

    /// <summary>
    /// The adaptive threshold of a map of 0 and 1 is twice its mean: above 0 it parts the two, at 0 (an empty map) every pixel
    /// reaches it.
    /// </summary>
    private static double OfficialEnhancedAlignment(ConfusionCounts counts)
    {
        ConfusionCounts adaptive = counts.TruePositives + counts.FalsePositives > 0
            ? counts
            : new ConfusionCounts(counts.FalseNegatives, counts.TrueNegatives, 0, 0);
        return EnhancedAlignmentMeasure.FromCounts(adaptive, EnhancedAlignmentMeasure.OfficialEpsilon);
    }

    private static void AddCurve(Dictionary<Metric, double> values, ThresholdCurve curve, Metric adaptive, Metric mean, Metric max)
    {
        values[adaptive] = curve.Adaptive;
        values[mean] = curve.Mean;
        values[max] = curve.Max;
    }

    private static void AddCustom(
        Dictionary<Metric, double> values, ReadOnlySpan<float> prediction, in MapPair pair, MetricOptions options, ConfusionCounts counts)
    {
        foreach (CustomMetric metric in options.Custom)
        {
            double value = metric.Compute(new MetricInput(
                prediction, pair.Mask, pair.Height, pair.Width, options.Threshold, options.Spacing, counts));
            values[metric] = double.IsInfinity(value)
                ? throw new InvalidMapException(new Problem(
                    $"metric '{metric.Name}'",
                    FormattableString.Invariant($"the value {value}"),
                    "a finite number, or NaN where it is undefined",
                    "Return NaN for maps that the metric has no value for"))
                : value;
        }
    }

    private static ComponentCounts? AddBinary(
        Dictionary<Metric, double> values, ReadOnlySpan<float> prediction, in MapPair pair, MetricOptions options)
    {
        if ((options.Groups & (MetricGroups.Surface | MetricGroups.Components)) == 0)
        {
            return null;
        }

        bool[] rented = ArrayPool<bool>.Shared.Rent(prediction.Length);
        try
        {
            Span<bool> binary = rented.AsSpan(0, prediction.Length);
            for (int i = 0; i < binary.Length; i++)
            {
                binary[i] = prediction[i] >= options.Threshold;
            }

            if (options.Groups.HasFlag(MetricGroups.Surface))
            {
                double[] percentiles = [.. options.HausdorffPercentiles];
                double[] atPercentiles = new double[percentiles.Length];
                SurfaceDistances distances = SurfaceDistances.Compute(
                    binary, pair.Mask, pair.Height, pair.Width, options.SurfaceTolerance, options.Spacing, percentiles, atPercentiles);
                for (int i = 0; i < percentiles.Length; i++)
                {
                    values[Metric.HausdorffDistanceAt(percentiles[i])] = atPercentiles[i];
                }

                values[Metric.HausdorffDistance] = distances.Hausdorff;
                values[Metric.HausdorffDistance95] = distances.Hausdorff95;
                values[Metric.AverageSymmetricSurfaceDistance] = distances.AverageSymmetric;
                values[Metric.NormalizedSurfaceDistance] = distances.Normalized;
            }

            if (!options.Groups.HasFlag(MetricGroups.Components))
            {
                return null;
            }

            ComponentCounts components = ComponentCounts.Compute(
                binary, pair.Mask, pair.Height, pair.Width, options.ComponentOverlap, options.Connectivity);
            values[Metric.ComponentPrecision] = components.Precision;
            values[Metric.ComponentRecall] = components.Recall;
            values[Metric.ComponentF1] = components.F1;
            return components;
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(rented);
        }
    }
}
