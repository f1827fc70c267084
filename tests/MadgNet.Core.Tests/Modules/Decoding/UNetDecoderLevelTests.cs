using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Decoding;

public class UNetDecoderLevelTests
{
    public static TheoryData<string> Kinds => ["none", "dct", "haar", "gap", "mssa", "both"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_level_keeps_shapes_is_finite_deterministic_and_trains(string kind)
    {
        using var scope = NewDisposeScope();
        Tensor deep = BlockProperty.Input(2, 10, 5, 6);
        Tensor skip = FixtureRule.Tensor("skip", [2, 3, 10, 12], -1, 1);
        BlockProperty.Holds(() => Create(kind), level => [level.call(deep, skip)], [2, 6, 10, 12]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_level_is_that_of_a_plain_implementation_in_double_precision(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using UNetDecoderLevel level = Create(kind);
        PlainLayers.Fill(level);
        level.eval();
        Tensor deep = BlockProperty.Input(2, 10, 5, 6);
        Tensor skip = FixtureRule.Tensor("skip", [2, 3, 11, 12], -1, 1);
        Tensor single = level.call(deep, skip);
        using IFoldedStage folded = level.Fold(ScalarType.Float32);
        Tensor fast = folded.Run(deep, skip);

        level.to(ScalarType.Float64);
        (deep, skip) = (deep.to(ScalarType.Float64), skip.to(ScalarType.Float64));
        Tensor exact = level.call(deep, skip);
        var layers = new PlainLayers(level.state_dict());

        // As the definition has it: first the interpolation, then the convolution.
        Tensor up = layers.Convolution(
            nn.functional.interpolate(deep, [11, 12], mode: InterpolationMode.Bilinear, align_corners: false), "up");
        Tensor expected = layers.DoubleConvolution(cat([up, skip], 1), "convolutions");
        expected = level.ChannelAttention?.call(expected) ?? expected;
        expected = level.SpatialAttention?.call(expected) ?? expected;
        Close.Relative(expected, exact, 1e-12, "in double precision");
        Close.Relative(expected, single, 1e-5, "in single precision");
        Close.Relative(expected, fast, 1e-5, "folded");
    }

    [Fact]
    public void Attention_is_recorded_below_its_path()
    {
        using var scope = NewDisposeScope();
        using UNetDecoderLevel level = Create("both");
        level.eval();
        using var recorder = new AttentionRecorder();
        level.ForwardWithAttention(BlockProperty.Input(1, 10, 5, 6), BlockProperty.Input(1, 3, 10, 12), recorder);
        Assert.Equal(["attention", "attention"], recorder.Records.Select(record => record.Path));
        Assert.Null(AttentionRecorder.Current);
    }

    [Fact]
    public void Attention_for_other_channels_and_illegal_numbers_are_refused()
    {
        using var attention = new SqueezeAndExcitation(5);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => new UNetDecoderLevel(0, 3, 6, attention)),
            "deepChannels",
            "channelAttention",
            "5 channels");
    }

    [Fact]
    public void Other_features_are_refused()
    {
        using var scope = NewDisposeScope();
        using UNetDecoderLevel level = Create("none");
        Tensor deep = BlockProperty.Input(2, 10, 5, 6);
        Tensor skip = BlockProperty.Input(2, 3, 10, 12);
        foreach (Action act in new Action[]
        {
            () => level.call(skip, skip),
            () => level.call(deep, deep),
            () => level.call(deep, BlockProperty.Input(1, 3, 10, 12)),
            () => level.call(deep, BlockProperty.Input(2, 3, 4, 12)),
            () => level.call(deep.to(ScalarType.Float64), skip),
            () => level.call(deep, skip.to(ScalarType.BFloat16)),
        })
        {
            BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(act), "UNetDecoderLevel");
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor deep = BlockProperty.Input(2, 10, 5, 6);
        using Tensor skip = BlockProperty.Input(2, 3, 10, 12);
        TensorLeak.None(() =>
        {
            using UNetDecoderLevel level = Create("both");
            using Tensor output = level.call(deep, skip);
            using Tensor sum = output.sum();
            sum.backward();
            level.eval();
            using IFoldedStage folded = level.Fold(ScalarType.Float32);
            using var noGrad = no_grad();
            using Tensor predicted = folded.Run(deep, skip);
        });
    }

    private static UNetDecoderLevel Create(string kind) => new(
        10,
        3,
        6,
        kind switch
        {
            "dct" or "both" => new MultiFrequencyChannelAttention(6, 7, 3),
            "haar" => new WaveletChannelAttention(6, 8, 5),
            "gap" => new SqueezeAndExcitation(6),
            _ => null,
        },
        kind is "mssa" or "both" ? new MultiScaleSpatialAttention(6) : null);
}
