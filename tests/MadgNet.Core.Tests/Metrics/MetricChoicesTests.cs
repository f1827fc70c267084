using CsCheck;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Metrics;

/// <summary>Stretched maps, metrics over thresholds and percentiles of the Hausdorff distance.</summary>
public sealed class MetricChoicesTests
{
    private static readonly MetricOptions Stretched = new() { StretchMaps = true, Groups = MetricGroups.All };

    [Fact]
    public void A_stretched_map_scores_whatever_its_smallest_and_largest_value() => MetricMaps.Gen.Sample(maps =>
    {
        float[] binary = [.. maps.Prediction.Select(value => value >= 0.5f ? 1f : 0f)];
        if (binary.Distinct().Count() < 2)
        {
            return;
        }

        // Eighths are exact: the squeezed map is stretched to the very same one.
        float[] squeezed = [.. binary.Select(value => 0.25f + (0.125f * value))];
        MapMetrics expected = MapMetrics.Compute(binary, maps.Truth, maps.Height, maps.Width, Stretched);
        MapMetrics actual = MapMetrics.Compute(squeezed, maps.Truth, maps.Height, maps.Width, Stretched);
        Assert.All(Stretched.Metrics, metric => Assert.Equal(expected[metric], actual[metric]));
        MapMetrics plain = MapMetrics.Compute(
            binary, maps.Truth, maps.Height, maps.Width, new MetricOptions { Groups = MetricGroups.All });
        Assert.All(Stretched.Metrics, metric => Assert.Equal(plain[metric], actual[metric]));
    }, iter: 100);

    [Fact]
    public void Without_stretching_a_squeezed_map_scores_otherwise()
    {
        bool[] truth = [true, true, false, false];
        MapMetrics plain = MapMetrics.Compute([0.375f, 0.375f, 0.25f, 0.25f], truth, 2, 2);
        MapMetrics stretched = MapMetrics.Compute([0.375f, 0.375f, 0.25f, 0.25f], truth, 2, 2, Stretched);
        Assert.Equal((0, 1), (plain[Metric.Dice], stretched[Metric.Dice]));
        Assert.True(plain[Metric.MeanFMeasure] < 0.5 && stretched[Metric.MeanFMeasure] > 0.99);
    }

    [Fact]
    public void A_map_of_one_value_stays_as_it_is()
    {
        MapMetrics actual = MapMetrics.Compute([0.75f, 0.75f], [true, false], 1, 2, Stretched);
        Assert.Equal((0.75 + 0.25) / 2, actual[Metric.MeanAbsoluteError], 1e-7);
    }

    [Fact]
    public void Ignored_pixels_do_not_stretch_a_map()
    {
        // The ignored pixel is 0 in the case's maps; the others reach from 0.5 to 0.75.
        var evaluated = new EvaluationCase(
            "a",
            new FloatImage(1, 1, 3, [0.5f, 0.75f, 0.9f]),
            [new FloatImage(1, 1, 3, [0, 1, 1])],
            new FloatImage(1, 1, 3, [0, 0, 1]));
        EvaluationReport report = new Evaluator(new EvaluatorOptions { Metrics = Stretched }).Run([evaluated]);
        Assert.Equal(0, report.Cases[0].Value(Metric.MeanAbsoluteError));
        Assert.Equal(1, report.Cases[0].Value(Metric.Dice));
    }

    [Fact]
    public void Stretching_belongs_to_the_standard_profile() =>
        Assert.Single(new MetricOptions { StretchMaps = true, Profile = MetricProfile.MadgNetOfficial }.Validate());

    [Fact]
    public void Dice_and_IoU_over_thresholds_are_means_over_256()
    {
        // Levels 0, 100, 200, 255. Above 200 one of two is found (55 thresholds), above 100 both (100), above 0 one too many (100), and
        // at 0 all (1).
        float[] prediction = [0, 100 / 255f, 200 / 255f, 1];
        MapMetrics metrics = MapMetrics.Compute(
            prediction, [false, false, true, true], 2, 2, new MetricOptions { Groups = MetricGroups.Thresholds });
        Assert.Equal(((55 * 2.0 / 3) + 100 + (100 * 0.8) + (2.0 / 3)) / 256, metrics[Metric.DiceOverThresholds], 1e-12);
        Assert.Equal(((55 * 0.5) + 100 + (100 * 2.0 / 3) + 0.5) / 256, metrics[Metric.IntersectionOverUnionOverThresholds], 1e-12);
    }

    [Fact]
    public void Metrics_over_thresholds_are_computed_where_they_are_asked_for()
    {
        Assert.DoesNotContain(Metric.DiceOverThresholds, new MetricOptions().Metrics);
        Assert.Contains(Metric.DiceOverThresholds, new MetricOptions { Groups = MetricGroups.All }.Metrics);
        Assert.DoesNotContain(
            Metric.DiceOverThresholds,
            new MetricOptions { Groups = MetricGroups.All, Profile = MetricProfile.MadgNetOfficial }.Metrics);
    }

    [Fact]
    public void Percentiles_of_the_Hausdorff_distance_lie_where_linear_interpolation_puts_them() => MetricMaps.Gen.Sample(maps =>
    {
        bool[] predicted = [.. maps.Prediction.Select(probability => probability >= 0.5f)];
        SurfaceDistances distances = SurfaceDistances.Compute(predicted, maps.Truth, maps.Height, maps.Width);
        double At(double percentile) => SurfaceDistances.HausdorffAt(predicted, maps.Truth, maps.Height, maps.Width, percentile);
        Assert.Equal(distances.Hausdorff, At(100));
        Assert.Equal(distances.Hausdorff95, At(95));
        Assert.True(double.IsNaN(distances.Hausdorff) || (At(0) <= At(50) && At(50) <= At(99) && At(99) <= At(100)));
    }, iter: 200);

    [Fact]
    public void A_percentile_is_a_metric_of_its_own()
    {
        // A line of four against its first pixel: distances 0, 1, 2, 3 from it, 0 back; their median is 1.5.
        var options = new MetricOptions { HausdorffPercentiles = [50, 95, 99.5], Groups = MetricGroups.Surface };
        Assert.Equal(
            ["HausdorffDistance", "HausdorffDistance95", "AverageSymmetricSurfaceDistance", "NormalizedSurfaceDistance",
                "HausdorffDistance50", "HausdorffDistance99.5"],
            options.Metrics.Select(metric => metric.Name));
        MapMetrics metrics = MapMetrics.Compute([1, 1, 1, 1], [true, false, false, false], 1, 4, options);
        Assert.Equal(1.5, metrics[Metric.HausdorffDistanceAt(50)], 1e-12);
        Assert.Equal(2.985, metrics[Metric.HausdorffDistanceAt(99.5)], 1e-12);
        Assert.Same(Metric.HausdorffDistance95, Metric.HausdorffDistanceAt(95));
        Assert.Same(Metric.HausdorffDistance, Metric.HausdorffDistanceAt(100));
        Assert.True(Metric.HausdorffDistanceAt(50).IsLowerBetter);
        Assert.Throws<ArgumentException>(() => metrics[Metric.HausdorffDistanceAt(51)]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Metric.HausdorffDistanceAt(101));
    }

    [Fact]
    public void Percentiles_that_cannot_be_computed_are_refused()
    {
        Assert.Single(new MetricOptions { HausdorffPercentiles = [50], Groups = MetricGroups.Overlap }.Validate());
        Assert.Single(new MetricOptions { HausdorffPercentiles = [-1] }.Validate());
        Assert.Single(new MetricOptions { HausdorffPercentiles = [50], Custom = [new Named("HausdorffDistance50")] }.Validate());
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.7)]
    [InlineData(0.3)]
    public void A_batch_is_cut_at_a_threshold_as_a_map_is(double threshold)
    {
        // 0.7 is no number of single precision: the nearest one lies below it, that of 0.1 above.
        float[] values = [(float)threshold, MathF.BitIncrement((float)threshold), MathF.BitDecrement((float)threshold), 0];
        using Tensor probability = tensor(values, [1, 1, 2, 2]);
        using Tensor truth = ones(1, 1, 2, 2);
        Assert.Equal(
            ConfusionCounts.FromMaps(values, [true, true, true, true], 2, 2, threshold),
            ConfusionCounts.FromBatch(probability, truth, threshold)[0][0]);
    }

    private sealed class Named(string name) : CustomMetric(name)
    {
        public override double Compute(in MetricInput maps) => 0;
    }
}
