using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class SplitAttentionTests
{
    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Int[1, 3],
            Gen.Int[1, 3],
            Gen.Int[1, 8],
            Gen.Select(Gen.Int[1, 5], Gen.Int[1, 16]),
            Gen.Select(Gen.Int[2, 3], Gen.Int[1, 9], Gen.Int[1, 9])).Sample(
            (radix, cardinality, reduction, multiples, shape) =>
            {
                (int batch, int height, int width) = shape;
                long inputs = multiples.Item1 * radix * cardinality;
                long outputs = multiples.Item2 * cardinality;
                using Tensor input = BlockProperty.Input(batch, inputs, height, width);
                BlockProperty.Holds(
                    () => new SplitAttention(inputs, outputs, radix, cardinality, reduction),
                    attention => [attention.call(input)],
                    [batch, outputs, height, width]);
            },
            iter: 20,
            threads: 1);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public void Weights_of_the_splits_sum_to_one(int radix, int cardinality)
    {
        using var scope = NewDisposeScope();
        using var attention = new SplitAttention(12, 8, radix, cardinality);
        WeightInitialization.Apply(attention, 1);
        attention.eval();
        using var recorder = new AttentionRecorder();
        Tensor input = BlockProperty.Input(2, 12, 6, 5);
        Tensor output = attention.ForwardWithAttention(input, recorder);

        Tensor weights = Assert.IsType<SplitAttentionRecord>(Assert.Single(recorder.Records)).Weights;
        Assert.Equal([2L, radix, 8], weights.shape);
        Close.Relative(ones(2, 8), weights.sum(1), 1e-6, "sum over the splits");
        Bits.Equal(attention.call(input), output, "output without a recorder");
    }

    [Fact]
    public void A_radix_of_one_gates_by_a_sigmoid()
    {
        using var scope = NewDisposeScope();
        using var attention = new SplitAttention(4, 6, radix: 1);
        attention.eval();
        using (no_grad())
        {
            attention.state_dict()["fc2.weight"].zero_();
            attention.state_dict()["fc2.bias"].fill_(2);
        }

        using var recorder = new AttentionRecorder();
        attention.ForwardWithAttention(BlockProperty.Input(1, 4, 3, 3), recorder);
        Tensor weights = recorder.Of<SplitAttentionRecord>().Single().Weights;
        Close.Relative(full([1, 1, 6], 1 / (1 + Math.Exp(-2)), ScalarType.Float32), weights, 1e-6, "weights");
    }

    [Fact]
    public void Groups_share_the_weights_of_their_own_channels_only()
    {
        // With a cardinality of two, the first half of the channels belongs to the first group: its excitation alone
        // decides their weights, and the splits of a group lie side by side in the excitation's output.
        using var scope = NewDisposeScope();
        using var attention = new SplitAttention(8, 4, radix: 2, cardinality: 2);
        attention.eval();
        using (no_grad())
        {
            attention.state_dict()["fc2.weight"].zero_();
            attention.state_dict()["fc2.bias"].copy_(tensor(new[] { 1f, 1, 0, 0, 3, 3, 0, 0 }));
        }

        using var recorder = new AttentionRecorder();
        attention.ForwardWithAttention(BlockProperty.Input(1, 8, 3, 3), recorder);
        Tensor first = recorder.Of<SplitAttentionRecord>().Single().Weights[0, 0];
        double one = 1 / (1 + Math.Exp(-1));
        double three = 1 / (1 + Math.Exp(-3));
        Close.Relative(tensor(new[] { one, one, three, three }), first, 1e-6, "weights of the first split");
    }

    [Fact]
    public void One_image_is_refused_while_training_and_leaves_nothing_behind()
    {
        using var attention = new SplitAttention(4, 4);
        using Tensor input = zeros(1, 4, 8, 8);
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<TensorShapeException>(() => attention.call(input));
            BlockProperty.FollowsTheMessageRule(exception, "one image", "a batch of two images or more", "eval()");
        });
    }

    [Fact]
    public void One_image_is_fine_in_evaluation_mode()
    {
        using var attention = new SplitAttention(4, 4);
        attention.eval();
        using Tensor input = BlockProperty.Input(1, 4, 8, 8);
        using Tensor output = attention.call(input);
        Assert.Equal([1L, 4, 8, 8], output.shape);
    }

    [Theory]
    [InlineData(0, 4, 2, 1, 4, "inputChannels")]
    [InlineData(4, 0, 2, 1, 4, "outputChannels")]
    [InlineData(4, 4, 0, 1, 4, "radix")]
    [InlineData(4, 4, 2, 0, 4, "cardinality")]
    [InlineData(4, 4, 2, 1, 0, "reduction")]
    [InlineData(5, 4, 2, 1, 4, "inputChannels")]
    [InlineData(12, 4, 2, 3, 4, "outputChannels")]
    public void An_illegal_option_is_refused_and_leaves_nothing_behind(
        long inputs, long outputs, int radix, int cardinality, int reduction, string subject)
    {
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => new SplitAttention(
                inputs, outputs, radix, cardinality, reduction));
            Assert.Equal(subject, Assert.Single(exception.Problems).Subject);
            BlockProperty.FollowsTheMessageRule(exception);
        });
    }

    [Fact]
    public void All_illegal_options_are_listed_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new SplitAttention(0, 0, 0, 0, 0));
        Assert.Equal(5, exception.Problems.Count);
    }

    [Fact]
    public void Channels_last_input_gives_the_same_output()
    {
        using var scope = NewDisposeScope();
        using var attention = new SplitAttention(8, 6);
        attention.eval();
        Tensor input = BlockProperty.Input(2, 8, 7, 9);
        Tensor last = input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Close.Relative(attention.call(input), attention.call(last), 1e-5, "output");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 4, 9, 8);
        TensorLeak.None(() =>
        {
            using var attention = new SplitAttention(4, 6);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = attention.ForwardWithAttention(input, recorder);
        });
    }
}
