using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

/// <summary>
/// Every metric of <c>metrics.json</c> under both profiles. The values were computed by PySODMetrics, by the published evaluation
/// code and with scipy; 1e-6 covers the single-precision steps that the published code takes. The weighted F measure is allowed
/// 1e-4, because among several nearest pixels another one may be taken.
/// </summary>
public sealed class GoldenMetricsTests
{
    private const double Tolerance = 1e-6;
    private const double WeightedTolerance = 1e-4;

    public static TheoryData<string> Names => [.. GoldenMetrics.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_standard_profile_equals_PySODMetrics_on_probabilities(string name)
    {
        GoldenMetrics golden = GoldenMetrics.Open(name);
        ExpectStandard(golden, "probability", golden.Prediction);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_standard_profile_equals_PySODMetrics_on_binary_maps(string name)
    {
        GoldenMetrics golden = GoldenMetrics.Open(name);
        ExpectStandard(golden, "binary", [.. golden.Binary.Select(set => set ? 1f : 0f)]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_official_profile_equals_the_published_evaluation(string name)
    {
        GoldenMetrics golden = GoldenMetrics.Open(name);
        MapMetrics actual = Compute(golden, golden.Prediction, MetricProfile.MadgNetOfficial);
        Assert.Equal(golden["official", "DSC"], actual[Metric.Dice], Tolerance);
        Assert.Equal(golden["official", "IoU"], actual[Metric.IntersectionOverUnion], Tolerance);
        Assert.Equal(golden["official", "WeightedF-Measure"], actual[Metric.WeightedFMeasure], WeightedTolerance);
        Assert.Equal(golden["official", "S-Measure"], actual[Metric.StructureMeasure], Tolerance);
        Assert.Equal(golden["official", "E-Measure"], actual[Metric.AdaptiveEnhancedAlignment], Tolerance);
        Assert.Equal(golden["official", "MAE"], actual[Metric.MeanAbsoluteError], Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Surface_distances_equal_those_of_scipy(string name)
    {
        GoldenMetrics golden = GoldenMetrics.Open(name);
        MapMetrics actual = Compute(golden, golden.Prediction, MetricProfile.Standard);
        Assert.Equal(golden["surface", "hd"], actual[Metric.HausdorffDistance], Tolerance);
        Assert.Equal(golden["surface", "hd95"], actual[Metric.HausdorffDistance95], Tolerance);
        Assert.Equal(golden["surface", "assd"], actual[Metric.AverageSymmetricSurfaceDistance], Tolerance);
        Assert.Equal(golden["surface", "nsd2"], actual[Metric.NormalizedSurfaceDistance], Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_confusion_table_equals_the_golden_one(string name)
    {
        GoldenMetrics golden = GoldenMetrics.Open(name);
        var expected = new ConfusionCounts(
            (long)golden["confusion", "tp"],
            (long)golden["confusion", "fp"],
            (long)golden["confusion", "fn"],
            (long)golden["confusion", "tn"]);
        Assert.Equal(expected, ConfusionCounts.FromMaps(golden.Prediction, golden.Truth, golden.Height, golden.Width));
    }

    private static void ExpectStandard(GoldenMetrics golden, string input, float[] prediction)
    {
        MapMetrics actual = Compute(golden, prediction, MetricProfile.Standard);
        Assert.Equal(golden["pysod", input, "s_measure"], actual[Metric.StructureMeasure], Tolerance);
        Assert.Equal(golden["pysod", input, "weighted_f"], actual[Metric.WeightedFMeasure], WeightedTolerance);
        Assert.Equal(golden["pysod", input, "mae"], actual[Metric.MeanAbsoluteError], Tolerance);
        Assert.Equal(golden["pysod", input, "e_adaptive"], actual[Metric.AdaptiveEnhancedAlignment], Tolerance);
        Assert.Equal(golden["pysod", input, "e_mean"], actual[Metric.MeanEnhancedAlignment], Tolerance);
        Assert.Equal(golden["pysod", input, "e_max"], actual[Metric.MaxEnhancedAlignment], Tolerance);
        Assert.Equal(golden["pysod", input, "f_beta2_0_3", "adaptive"], actual[Metric.AdaptiveFMeasure], Tolerance);
        Assert.Equal(golden["pysod", input, "f_beta2_0_3", "mean"], actual[Metric.MeanFMeasure], Tolerance);
        Assert.Equal(golden["pysod", input, "f_beta2_0_3", "max"], actual[Metric.MaxFMeasure], Tolerance);
    }

    private static MapMetrics Compute(GoldenMetrics golden, float[] prediction, MetricProfile profile) =>
        MapMetrics.Compute(prediction, golden.Truth, golden.Height, golden.Width, new MetricOptions { Profile = profile });
}
