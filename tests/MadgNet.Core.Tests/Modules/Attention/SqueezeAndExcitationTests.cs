using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class SqueezeAndExcitationTests
{
    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(Gen.Int[1, 96], Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 20]).Sample(
            (channels, batch, height, width) =>
            {
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                BlockProperty.Holds(
                    () => new SqueezeAndExcitation(channels), attention => [attention.call(input)], [batch, channels, height, width]);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void The_weights_are_the_sigmoid_of_the_perceptron_of_the_average()
    {
        using var scope = NewDisposeScope();
        using var attention = new SqueezeAndExcitation(40);
        WeightInitialization.Apply(attention, 3);
        Tensor input = BlockProperty.Input(2, 40, 7, 9);
        using var recorder = new AttentionRecorder();
        Tensor output = attention.ForwardWithAttention(input, recorder);
        Dictionary<string, Tensor> state = attention.state_dict();
        Tensor weights = input.mean([2, 3])
            .matmul(state["fc.0.weight"].flatten(1).t()).relu()
            .matmul(state["fc.2.weight"].flatten(1).t()).sigmoid();
        ChannelAttentionRecord record = recorder.Of<ChannelAttentionRecord>().Single();
        Close.Relative(input.mean([2, 3]).unsqueeze(2), record.Average, 1e-5, "average");
        Close.Relative(weights, record.Weights, 1e-5, "weights");
        Close.Relative(input * weights.unsqueeze(2).unsqueeze(3), output, 1e-5, "output");
        Assert.Null(record.Maximum);
        Assert.Null(record.Minimum);
        Assert.Empty(record.Frequencies);
        using (no_grad())
        {
            using IFoldedAttention folded = attention.Fold(ScalarType.Float32);
            Close.Relative(output, folded.Apply(input.clone()), 1e-5, "folded");
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 5, 9, 8);
        TensorLeak.None(() =>
        {
            using var attention = new SqueezeAndExcitation(5);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = attention.ForwardWithAttention(input, recorder);
            using IFoldedAttention folded = attention.Fold(ScalarType.Float32);
            Assert.Throws<InvalidOptionsException>(() => new SqueezeAndExcitation(0));
        });
    }
}
