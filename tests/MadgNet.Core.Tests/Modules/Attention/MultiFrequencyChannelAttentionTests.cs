using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class MultiFrequencyChannelAttentionTests
{
    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Int[1, 96],
            Gen.Int[7, 30],
            Gen.Int[1, 32],
            Gen.Enum<FrequencySelection>(),
            Gen.Select(Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 20])).Sample(
            (channels, size, frequencies, selection, shape) =>
            {
                (int batch, int height, int width) = shape;
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                BlockProperty.Holds(
                    () => new MultiFrequencyChannelAttention(channels, size, frequencies, selection),
                    attention => [attention.call(input)],
                    [batch, channels, height, width]);
            },
            iter: 25,
            threads: 1);

    [Theory]
    [InlineData(12, 12)]
    [InlineData(30, 9)]
    public void Records_are_the_statistics_and_weights_of_the_definition(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(20, 12, 5, FrequencySelection.Low);
        WeightInitialization.Apply(attention, 3);
        Tensor input = BlockProperty.Input(2, 20, height, width);
        using var recorder = new AttentionRecorder();
        Tensor output = attention.ForwardWithAttention(input, recorder);

        var record = Assert.IsType<ChannelAttentionRecord>(Assert.Single(recorder.Records));
        Tensor pooled = nn.functional.adaptive_avg_pool2d(input, [12, 12]);
        Tensor products = (pooled.unsqueeze(2) * attention.Basis.ToTensor()).flatten(3);
        Dictionary<string, Tensor> state = attention.state_dict();
        Tensor average = products.mean([3]);
        Tensor maximum = products.amax([3]);
        Tensor minimum = products.amin([3]);
        Tensor weights = new[] { average, maximum, minimum }
            .Select(statistic => Perceptron(statistic.mean([2])))
            .Aggregate((a, b) => a + b)
            .sigmoid();

        // The definition in another order of summation: float32 rounding of the same magnitude as between builds.
        Close.Relative(average, record.Average, 1e-5, "average");
        Close.Relative(maximum, record.Maximum!, 1e-5, "maximum");
        Close.Relative(minimum, record.Minimum!, 1e-5, "minimum");
        Close.Relative(weights, record.Weights, 1e-5, "weights");
        Close.Relative(input * weights.unsqueeze(2).unsqueeze(3), output, 1e-5, "output");
        Assert.Equal(string.Empty, record.Path);

        Tensor Perceptron(Tensor statistic) =>
            statistic.matmul(state["fc.0.weight"].flatten(1).t()).relu().matmul(state["fc.2.weight"].flatten(1).t());
    }

    [Fact]
    public void A_constant_map_gives_only_the_constant_frequency_an_average()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(2, 14, 16);
        using var recorder = new AttentionRecorder();
        attention.ForwardWithAttention(ones(1, 2, 14, 14), recorder);
        Tensor average = recorder.Of<ChannelAttentionRecord>().Single().Average;
        Assert.Equal(1.0 / 14, average[0, 0, 0].item<float>(), 1e-7);
        Assert.True(average.slice(2, 1, 16, 1).abs().max().item<float>() < 1e-7);
    }

    [Fact]
    public void Recording_does_not_change_the_output()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(6, 7, 4);
        using var recorder = new AttentionRecorder();
        Tensor input = BlockProperty.Input(2, 6, 9, 8);
        Bits.Equal(attention.call(input), attention.ForwardWithAttention(input, recorder), "output");
    }

    [Fact]
    public void Ties_send_the_gradient_to_the_first_pixel_alone()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(1, 7, 1);
        Dictionary<string, Tensor> state = attention.state_dict();
        using (no_grad())
        {
            state["fc.0.weight"].fill_(1);
            state["fc.2.weight"].fill_(1);
        }

        // Every pixel ties; the product rule gives each pixel the same share through the weight's own factor and the
        // average, so only what the extremes add to the first pixel is uneven.
        Tensor input = ones(1, 1, 7, 7).requires_grad_();
        attention.call(input).sum().backward();
        Tensor gradient = input.grad!.flatten();
        Tensor rest = gradient.slice(0, 1, 49, 1);
        Assert.Equal(rest.min().item<float>(), rest.max().item<float>(), 1e-6);
        Assert.True(gradient[0].item<float>() > rest.max().item<float>() + 0.1);
    }

    [Theory]
    [InlineData(0, 7, 16, "Channels")]
    [InlineData(4, 6, 16, "DctSize")]
    [InlineData(4, 7, 0, "Frequencies")]
    [InlineData(4, 7, 33, "Frequencies")]
    public void An_illegal_option_is_refused_and_leaves_nothing_behind(long channels, int size, int frequencies, string subject)
    {
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => new MultiFrequencyChannelAttention(channels, size, frequencies));
            Assert.Equal(subject, Assert.Single(exception.Problems).Subject);
            BlockProperty.FollowsTheMessageRule(exception);
        });
    }

    [Fact]
    public void All_illegal_options_are_listed_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new MultiFrequencyChannelAttention(-1, 3, 40, (FrequencySelection)7));
        Assert.Equal(4, exception.Problems.Count);
        BlockProperty.FollowsTheMessageRule(exception, "Channels", "DctSize", "Frequencies", "Selection", "4 reasons");
    }

    [Fact]
    public void Input_of_another_shape_or_type_is_refused_and_leaves_nothing_behind()
    {
        using var attention = new MultiFrequencyChannelAttention(4, 7, 2);
        Assert.Throws<ArgumentNullException>(() => attention.call(null!));
        foreach ((long[] shape, ScalarType type) in new (long[], ScalarType)[]
        {
            ([1, 3, 7, 7], ScalarType.Float32),
            ([4, 7, 7], ScalarType.Float32),
            ([1, 4, 0, 7], ScalarType.Float32),
            ([0, 4, 7, 7], ScalarType.Float32),
            ([1, 4, 7, 7], ScalarType.Int64),
        })
        {
            TensorLeak.None(() =>
            {
                using Tensor input = zeros(shape, type);
                var exception = Assert.Throws<TensorShapeException>(() => attention.call(input));
                BlockProperty.FollowsTheMessageRule(
                    exception, "MultiFrequencyChannelAttention input", $"[{string.Join(", ", shape)}]", "N×4×H×W");
            });
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 5, 9, 8);
        TensorLeak.None(() =>
        {
            using var attention = new MultiFrequencyChannelAttention(5, 7, 3);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = attention.ForwardWithAttention(input, recorder);
        });
    }

    [Fact]
    public void A_basis_first_used_without_gradients_still_trains()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(3, 7, 2);
        Tensor input = BlockProperty.Input(1, 3, 7, 7);
        using (inference_mode())
        {
            attention.call(input);
        }

        attention.call(input.requires_grad_()).sum().backward();
        Assert.NotNull(input.grad);
    }
}
