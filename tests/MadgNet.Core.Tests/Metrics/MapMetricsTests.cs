using CsCheck;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

/// <summary>What holds for the metrics whatever the maps.</summary>
public sealed class MapMetricsTests
{
    private static readonly MetricOptions Standard = new();
    private static readonly MetricOptions Official = new() { Profile = MetricProfile.MadgNetOfficial };

    [Fact]
    public void Every_metric_stays_within_its_bounds() => MetricMaps.Gen.Sample(maps =>
    {
        MapMetrics metrics = MapMetrics.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width);
        double diagonal = Math.Sqrt((maps.Height * maps.Height) + (maps.Width * maps.Width));
        double slack = 1 + (1.0 / Math.Max(maps.Truth.Length - 1, 1));
        foreach (Metric metric in Standard.Metrics)
        {
            double value = metrics[metric];
            if (double.IsNaN(value))
            {
                Assert.True(MayBeUndefined(metric), $"{metric} is NaN");
                continue;
            }

            (double low, double high) = metric.Name switch
            {
                nameof(Metric.MatthewsCorrelation) or nameof(Metric.CohensKappa) => (-1.0, 1.0),
                nameof(Metric.AdaptiveEnhancedAlignment) or nameof(Metric.MeanEnhancedAlignment)
                    or nameof(Metric.MaxEnhancedAlignment) => (0.0, slack),
                nameof(Metric.HausdorffDistance) or nameof(Metric.HausdorffDistance95)
                    or nameof(Metric.AverageSymmetricSurfaceDistance) => (0.0, diagonal),
                _ => (0.0, 1.0),
            };
            Assert.True(value >= low - 1e-12 && value <= high + 1e-9, $"{metric} is {value}");
        }
    }, iter: 400);

    [Fact]
    public void The_official_profile_is_finite_for_any_maps() => MetricMaps.Gen.Sample(maps =>
    {
        MapMetrics metrics = MapMetrics.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width, Official);
        Assert.All(
            Official.Metrics.Where(metric => !MayBeUndefined(metric)),
            metric => Assert.True(double.IsFinite(metrics[metric]), $"{metric}"));
    }, iter: 200);

    [Fact]
    public void A_perfect_prediction_is_best_in_every_metric() => MetricMaps.Gen.Sample(maps =>
    {
        float[] perfect = [.. maps.Truth.Select(set => set ? 1f : 0f)];
        bool hasForeground = maps.Truth.Contains(true);
        bool hasBackground = maps.Truth.Contains(false);
        double matched = maps.Truth.Length / (double)Math.Max(maps.Truth.Length - 1, 1);
        MapMetrics metrics = MapMetrics.Compute(perfect, maps.Truth, maps.Height, maps.Width);

        // The mean over a curve holds the threshold 0, which every pixel reaches; it has no best value of its own.
        foreach (Metric metric in Standard.Metrics.Where(metric => metric.Name is not (nameof(Metric.MeanFMeasure)
            or nameof(Metric.MeanEnhancedAlignment))))
        {
            double best = metric.Name switch
            {
                nameof(Metric.MeanAbsoluteError) or nameof(Metric.BrierScore) or nameof(Metric.ExpectedCalibrationError)
                or nameof(Metric.HausdorffDistance)
                    or nameof(Metric.HausdorffDistance95) or nameof(Metric.AverageSymmetricSurfaceDistance) => 0,
                nameof(Metric.AveragePrecision) => hasForeground ? 1 : double.NaN,
                nameof(Metric.RocAuc) => hasForeground && hasBackground ? 1 : double.NaN,
                nameof(Metric.WeightedFMeasure) or nameof(Metric.AdaptiveFMeasure) or nameof(Metric.MaxFMeasure) => hasForeground ? 1 : 0,
                nameof(Metric.MaxEnhancedAlignment) => matched,

                // Every pixel of an empty map reaches its adaptive threshold of 0.
                nameof(Metric.AdaptiveEnhancedAlignment) => hasForeground ? matched : 0,
                _ => 1,
            };
            double value = metrics[metric];
            Assert.True(value.Equals(best) || Math.Abs(value - best) < 1e-9, $"{metric} is {value} instead of {best}");
        }
    }, iter: 300);

    [Fact]
    public void The_inverse_of_the_truth_is_worst_in_every_overlap_metric() => MetricMaps.Gen.Sample(maps =>
    {
        float[] inverse = [.. maps.Truth.Select(set => set ? 0f : 1f)];
        MapMetrics metrics = MapMetrics.Compute(inverse, maps.Truth, maps.Height, maps.Width);
        Assert.All(
            new[] { Metric.Dice, Metric.IntersectionOverUnion, Metric.MeanIntersectionOverUnion, Metric.Precision, Metric.Recall,
                Metric.Specificity, Metric.Accuracy, Metric.BalancedAccuracy },
            metric => Assert.Equal(0, metrics[metric]));
        Assert.Equal(maps.Truth.Distinct().Count() == 2 ? -1 : 0, metrics[Metric.MatthewsCorrelation], 1e-12);
        Assert.Equal(1, metrics[Metric.MeanAbsoluteError], 1e-12);
        Assert.Equal(1, metrics[Metric.BrierScore], 1e-12);
    }, iter: 200);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flipping_both_maps_changes_nothing(bool horizontally) => MetricMaps.Gen.Sample(maps =>
    {
        MapMetrics expected = MapMetrics.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width);
        MapMetrics actual = MapMetrics.Compute(
            horizontally
                ? MetricMaps.FlipHorizontally(maps.Prediction, maps.Width)
                : MetricMaps.FlipVertically(maps.Prediction, maps.Width),
            horizontally ? MetricMaps.FlipHorizontally(maps.Truth, maps.Width) : MetricMaps.FlipVertically(maps.Truth, maps.Width),
            maps.Height,
            maps.Width);

        // The structure measure parts its quadrants after the centroid, and the weighted F measure chooses among equally near
        // pixels: neither is symmetric by definition.
        Assert.All(
            Standard.Metrics.Where(metric => metric.Name is not (nameof(Metric.StructureMeasure) or nameof(Metric.WeightedFMeasure))),
            metric => Assert.True(
                expected[metric].Equals(actual[metric]) || Math.Abs(expected[metric] - actual[metric]) < 1e-9,
                $"{metric}: {expected[metric]} and {actual[metric]}"));
    }, iter: 200);

    [Fact]
    public void Binary_metrics_that_treat_both_masks_alike_are_symmetric() => MetricMaps.Gen.Sample(maps =>
    {
        bool[] predicted = [.. maps.Prediction.Select(probability => probability >= 0.5f)];
        float[] truth = [.. maps.Truth.Select(set => set ? 1f : 0f)];
        MapMetrics one = MapMetrics.Compute([.. predicted.Select(set => set ? 1f : 0f)], maps.Truth, maps.Height, maps.Width);
        MapMetrics other = MapMetrics.Compute(truth, predicted, maps.Height, maps.Width);
        Assert.All(
            new[]
            {
                Metric.Dice, Metric.IntersectionOverUnion, Metric.MeanIntersectionOverUnion, Metric.Accuracy, Metric.MatthewsCorrelation,
                Metric.CohensKappa, Metric.MeanAbsoluteError, Metric.BrierScore, Metric.HausdorffDistance, Metric.HausdorffDistance95,
                Metric.AverageSymmetricSurfaceDistance, Metric.NormalizedSurfaceDistance,
            },
            metric => Assert.True(
                one[metric].Equals(other[metric]) || Math.Abs(one[metric] - other[metric]) < 1e-12,
                $"{metric}: {one[metric]} and {other[metric]}"));
    }, iter: 200);

    [Fact]
    public void Combined_and_single_computation_agree() => MetricMaps.Gen.Sample(maps =>
    {
        MapMetrics metrics = MapMetrics.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width);
        Assert.Equal(StructureMeasure.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width), metrics[Metric.StructureMeasure]);
        Assert.Equal(WeightedFMeasure.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width), metrics[Metric.WeightedFMeasure]);
        Assert.Equal(FMeasure.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width).Max, metrics[Metric.MaxFMeasure]);
        Assert.Equal(
            EnhancedAlignmentMeasure.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width).Mean,
            metrics[Metric.MeanEnhancedAlignment]);
        Assert.Equal(PixelRanking.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width).RocAuc, metrics[Metric.RocAuc]);
        Assert.Equal(CalibrationTable.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width).BrierScore, metrics[Metric.BrierScore]);
    }, iter: 50);

    [Fact]
    public void Distances_scale_with_the_pixel_spacing() => MetricMaps.Gen.Sample(maps =>
    {
        MapMetrics pixels = MapMetrics.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width);
        MapMetrics millimetres = MapMetrics.Compute(
            maps.Prediction,
            maps.Truth,
            maps.Height,
            maps.Width,
            new MetricOptions { Spacing = new PixelSpacing(0.5, 0.5), SurfaceTolerance = 1 });
        Assert.Equal(pixels[Metric.HausdorffDistance95] / 2, millimetres[Metric.HausdorffDistance95], 1e-9);
        Assert.Equal(pixels[Metric.NormalizedSurfaceDistance], millimetres[Metric.NormalizedSurfaceDistance]);
    }, iter: 100);

    [Fact]
    public void A_metric_of_a_group_that_was_left_out_is_refused_with_those_there_are()
    {
        MapMetrics metrics = MapMetrics.Compute([1f], [true], 1, 1, new MetricOptions { Groups = MetricGroups.Components });
        var exception = Assert.Throws<ArgumentException>(() => metrics[Metric.Dice]);
        Assert.Contains("ComponentPrecision", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_official_profile_has_no_threshold_curves() =>
        Assert.DoesNotContain(Metric.MaxFMeasure, Official.Metrics);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(1.5f)]
    [InlineData(-0.25f)]
    [InlineData(float.PositiveInfinity)]
    public void A_value_that_is_no_probability_is_refused_with_its_place(float value)
    {
        var prediction = new float[40];
        prediction[17] = value;
        var exception = Assert.Throws<InvalidMapException>(() => MapMetrics.Compute(prediction, new bool[40], 5, 8));
        Assert.Contains("at index 17", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_resizing_rounded_out_of_range_change_nothing()
    {
        bool[] truth = [true, true, false, false, false, true, false, true];
        MapMetrics expected = MapMetrics.Compute([1f, 0.7f, 0f, 0.2f, 0.6f, 1f, 0f, 0f], truth, 2, 4);
        MapMetrics actual = MapMetrics.Compute([1.0000001f, 0.7f, -1e-7f, 0.2f, 0.6f, 1f, -1e-9f, -0f], truth, 2, 4);

        // The probabilities themselves differ by 1e-7.
        Assert.All(Standard.Metrics, metric => Assert.Equal(expected[metric], actual[metric], 1e-6));
    }

    [Fact]
    public void Maps_of_different_sizes_are_refused() =>
        Assert.Throws<InvalidMapException>(() => MapMetrics.Compute(new float[6], new bool[4], 2, 3));

    [Fact]
    public void All_problems_of_the_options_are_reported_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => MapMetrics.Compute(
            [0f], [false], 1, 1, new MetricOptions
            {
                Threshold = 2,
                CalibrationBins = 0,
                SurfaceTolerance = double.NaN,
                ComponentOverlap = 0,
                Groups = 0
            }));
        Assert.All(
            new[] { "Threshold", "CalibrationBins", "SurfaceTolerance", "ComponentOverlap", "Groups" },
            subject => Assert.Contains(subject, exception.Message, StringComparison.Ordinal));
    }

    private static bool MayBeUndefined(Metric metric) =>
        metric.Name is nameof(Metric.AveragePrecision) or nameof(Metric.RocAuc) or nameof(Metric.HausdorffDistance)
        or nameof(Metric.HausdorffDistance95) or nameof(Metric.AverageSymmetricSurfaceDistance);
}
