using CsCheck;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Decoding;

public class DecoderStageTests
{
    private static readonly MultiFrequencyMultiScaleOptions Small = new()
    {
        Scales = 2,
        Frequencies = 3,
        DctSize = 7,
        MinimumChannels = 4,
        MinimumResolution = 4
    };

    [Fact]
    public void Any_legal_stage_has_the_shape_of_the_skip_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 48], Gen.Int[1, 24], Gen.Int[1, 48]),
            Gen.Int[2, 3],
            Gen.Select(Gen.Int[1, 8], Gen.Int[1, 8]),
            Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9])).Sample(
            (channels, batch, size, larger) =>
            {
                (int deepChannels, int skipChannels, int outputChannels) = channels;
                int height = size.Item1 + larger.Item1;
                int width = size.Item2 + larger.Item2;
                using Tensor deep = BlockProperty.Input(batch, deepChannels, size.Item1, size.Item2);
                using Tensor skip = BlockProperty.Input(batch, skipChannels, height, width);
                BlockProperty.Holds(
                    () => new DecoderStage(deepChannels, skipChannels, outputChannels, Small),
                    stage => [stage.call(deep, skip)],
                    [batch, outputChannels, height, width]);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void Records_stand_under_the_attention_and_do_not_change_the_output()
    {
        using var scope = NewDisposeScope();
        using var stage = new DecoderStage(6, 4, 8, Small);
        stage.eval();
        using var recorder = new AttentionRecorder();
        Tensor deep = BlockProperty.Input(1, 6, 4, 4);
        Tensor skip = BlockProperty.Input(1, 4, 8, 8);
        Tensor output = stage.ForwardWithAttention(deep, skip, recorder);
        Assert.Equal(
            ["attention.scale0", "attention.scale0", "attention.scale1", "attention.scale1"],
            recorder.Records.Select(record => record.Path));
        Bits.Equal(stage.call(deep, skip), output, "output without a recorder");
    }

    [Fact]
    public void Illegal_options_are_listed_at_once_and_leave_nothing_behind()
    {
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => new DecoderStage(0, -1, 0, Small with { Scales = 0 }));
            Assert.Equal(
                ["Scales", "deepChannels", "skipChannels", "outputChannels"], exception.Problems.Select(problem => problem.Subject));
            BlockProperty.FollowsTheMessageRule(exception);
        });
    }

    [Theory]
    [InlineData(new long[] { 1, 5, 4, 4 }, new long[] { 1, 4, 8, 8 }, "deep features")]
    [InlineData(new long[] { 1, 6, 4, 4 }, new long[] { 1, 5, 8, 8 }, "skip features")]
    [InlineData(new long[] { 1, 6, 4, 4 }, new long[] { 2, 4, 8, 8 }, "the same batch size")]
    [InlineData(new long[] { 1, 6, 4, 4 }, new long[] { 1, 4, 3, 8 }, "no smaller")]
    [InlineData(new long[] { 1, 6, 4, 4 }, new long[] { 1, 4, 8, 3 }, "no smaller")]
    public void Features_that_do_not_fit_are_refused_and_leave_nothing_behind(long[] deepShape, long[] skipShape, string mention)
    {
        using var stage = new DecoderStage(6, 4, 8, Small);
        using Tensor deep = zeros(deepShape);
        using Tensor skip = zeros(skipShape);
        TensorLeak.None(() => BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => stage.call(deep, skip)), mention));
    }

    [Fact]
    public void One_value_a_channel_is_refused_while_training()
    {
        using var stage = new DecoderStage(6, 4, 8, Small);
        using Tensor deep = zeros(1, 6, 1, 1);
        using Tensor skip = zeros(1, 4, 1, 1);
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => stage.call(deep, skip)), "while training");
        stage.eval();
        using Tensor output = stage.call(deep, skip);
        Assert.Equal([1L, 8, 1, 1], output.shape);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor deep = BlockProperty.Input(2, 6, 4, 4);
        using Tensor skip = BlockProperty.Input(2, 4, 8, 9);
        TensorLeak.None(() =>
        {
            using var stage = new DecoderStage(6, 4, 8, Small);
            using Tensor output = stage.call(deep, skip);
            using Tensor sum = output.sum();
            sum.backward();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = stage.ForwardWithAttention(deep, skip, recorder);
        });
    }
}
