using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Foundation;

/// <summary>A half is foreground, and the number before it is background, wherever something is cut.</summary>
public sealed class HalfTests
{
    private const float Half = 0.5f;

    private static readonly float Below = MathF.BitDecrement(Half);

    public static TheoryData<string> Places => ["counts", "batch", "truth", "metrics", "prediction", "sample", "targets", "layer", "loss"];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_half_is_foreground_and_what_is_less_is_not(string place) =>
        Assert.Equal((true, false), (IsForeground(place, Half), IsForeground(place, Below)));

    private static bool IsForeground(string place, float value)
    {
        using var scope = NewDisposeScope();
        var plane = new FloatImage(1, 1, 1, [value]);
        switch (place)
        {
            case "counts":
                return ConfusionCounts.FromMaps([value], [true], 1, 1).TruePositives == 1;
            case "batch":
                return ConfusionCounts.FromBatch(full([1, 1, 1, 1], value), ones(1, 1, 1, 1))[0][0].TruePositives == 1;
            case "truth":
                return new Evaluator().Run([new EvaluationCase("a", new FloatImage(1, 1, 1, [1]), [plane])])
                    .Cases[0].Labels[0].Counts.TruePositives == 1;
            case "metrics":
                return MapMetrics.Compute([value], [true], 1, 1, new MetricOptions { Profile = MetricProfile.MadgNetOfficial })[Metric.Dice]
                    > 0.5;
            case "prediction":
                return new Prediction(plane).Mask().Bytes[0] == 255;
            case "sample":
                return new Sample("a", new FloatImage(1, 1, 1), [plane]).BinaryMask(0).Data[0] == 1;
            case "targets":
                var distance = new float[3];
                SupervisionTargets.Distance([0, value, 0], 1, 3, distance);
                return distance[1] > 0;
            case "layer":
                return OverlayLayer.FromMap(plane).Inside[0];
            default:
                // Two pixels of which the first is the value and the second background: with a contour errors are weighed.
                Tensor truth = tensor([value, 0], [1, 1, 1, 2]);
                return new HausdorffDistanceLoss(emptyMaps: EmptyMapDistance.Zero)
                    .Compute(full([1, 1, 1, 2], -20f), truth).item<float>() > 0.01f;
        }
    }
}
