using CsCheck;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class MultiScaleSpatialAttentionTests
{
    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(Gen.Int[1, 96], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 20]).Sample(
            (channels, batch, height, width) =>
            {
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                BlockProperty.Holds(
                    () => new MultiScaleSpatialAttention(channels),
                    attention => [attention.call(input)],
                    [batch, channels, height, width]);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void Output_and_record_are_those_of_the_definition()
    {
        using var scope = NewDisposeScope();
        using MultiScaleSpatialAttention attention = Weighted(alpha: 0.25f, beta: 1.5f);
        Tensor x = BlockProperty.Input(2, 6, 5, 7);
        using var recorder = new AttentionRecorder();
        Tensor y = attention.ForwardWithAttention(x, recorder);

        Tensor m = (x * attention.state_dict()["gate.weight"]).sum([1], keepdim: true).sigmoid();
        var record = Assert.IsType<SpatialAttentionRecord>(Assert.Single(recorder.Records));
        Close.Relative(m, record.Foreground, 1e-6, "foreground");
        Assert.Equal([2L, 1, 5, 7], record.Foreground.shape);
        Assert.Equal(0.25, record.Alpha);
        Assert.Equal(1.5, record.Beta);
        Close.Relative((x * (1 - m) * 0.25) + (x * m * 1.5), y, 1e-6, "output");
        Bits.Equal(attention.call(x), y, "output without a recorder");
    }

    [Fact]
    public void A_fresh_attention_leaves_its_input_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiScaleSpatialAttention(4);
        Tensor input = BlockProperty.Input(1, 4, 6, 6);
        Assert.Equal(1, attention.Alpha);
        Assert.Equal(1, attention.Beta);
        Bits.Equal(input, attention.call(input), "output");
    }

    [Fact]
    public void Channels_that_are_not_positive_are_refused()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new MultiScaleSpatialAttention(0));
        BlockProperty.FollowsTheMessageRule(exception, "Channels", "received 0", "1 or more");
    }

    [Fact]
    public void Input_of_another_shape_is_refused()
    {
        using var attention = new MultiScaleSpatialAttention(4);
        using Tensor input = zeros(1, 5, 2, 2);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => attention.call(input)), "MultiScaleSpatialAttention input", "N×4×H×W");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 5, 9, 8);
        TensorLeak.None(() =>
        {
            using var attention = new MultiScaleSpatialAttention(5);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            Assert.Equal(2, attention.Alpha + attention.Beta);
            using var recorder = new AttentionRecorder();
            using Tensor recorded = attention.ForwardWithAttention(input, recorder);
        });
    }

    private static MultiScaleSpatialAttention Weighted(float alpha, float beta)
    {
        var attention = new MultiScaleSpatialAttention(6);
        using var noGrad = no_grad();
        attention.state_dict()["alpha"].fill_(alpha);
        attention.state_dict()["beta"].fill_(beta);
        return attention;
    }
}
