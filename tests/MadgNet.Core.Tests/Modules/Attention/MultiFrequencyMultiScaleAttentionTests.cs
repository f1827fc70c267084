using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class MultiFrequencyMultiScaleAttentionTests
{
    private static readonly Gen<MultiFrequencyMultiScaleOptions> AnyOptions = Gen.Select(
        Gen.Int[1, 4],
        Gen.Int[0, 32],
        Gen.Enum<FrequencySelection>(),
        Gen.Bool,
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 12], Gen.Int[7, 24])).Select(
        (scales, frequencies, selection, spatial, rest) => new MultiFrequencyMultiScaleOptions
        {
            Scales = scales,
            Frequencies = frequencies,
            Selection = selection,
            SpatialAttention = spatial,
            MinimumChannels = rest.Item1,
            MinimumResolution = rest.Item2,
            DctSize = rest.Item3,
        });

    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(Gen.Int[1, 96], AnyOptions, Gen.Int[2, 3], Gen.Int[1, 21], Gen.Int[1, 21]).Sample(
            (channels, options, batch, height, width) =>
            {
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                BlockProperty.Holds(
                    () => new MultiFrequencyMultiScaleAttention(channels, options),
                    block => [block.call(input)],
                    [batch, channels, height, width]);
            },
            iter: 30,
            threads: 1);

    [Fact]
    public void The_output_is_the_mean_of_the_scales_plus_the_input()
    {
        using var scope = NewDisposeScope();
        var options = new MultiFrequencyMultiScaleOptions
        {
            Scales = 2,
            Frequencies = 4,
            DctSize = 7,
            MinimumChannels = 4,
            MinimumResolution = 4
        };
        using var block = new MultiFrequencyMultiScaleAttention(12, options);
        WeightInitialization.Apply(block, 2);
        block.eval();
        Tensor input = BlockProperty.Input(1, 12, 9, 11);

        Tensor sum = zeros_like(input);
        Dictionary<string, Tensor> state = block.state_dict();
        for (int s = 0; s < 2; s++)
        {
            Tensor pooled = s == 0 ? input : nn.functional.avg_pool2d(input, 2, 2);
            Tensor x = nn.functional.conv2d(
                pooled, state[$"multi_scale_branches.{s}.0.weight"], padding: [1 + s, 1 + s], dilation: [1 + s, 1 + s], groups: 4);
            x = Normalized(x, $"multi_scale_branches.{s}.1").relu();
            x = Normalized(nn.functional.conv2d(x, state[$"multi_scale_branches.{s}.3.weight"]), $"multi_scale_branches.{s}.4").relu();
            x = block.SpatialAttention[s].call(block.ChannelAttention[s].call(x));
            x = Normalized(
                nn.functional.conv2d(x, state[$"multi_frequency_branches_conv2.{s}.0.weight"], padding: [1, 1]),
                $"multi_frequency_branches_conv2.{s}.1")
                .relu();
            sum += s == 0 ? x : nn.functional.interpolate(x, [9, 11], mode: InterpolationMode.Bilinear, align_corners: false);
        }

        Close.Relative((sum / 2) + input, block.call(input), 1e-5, "output");

        Tensor Normalized(Tensor x, string name) => nn.functional.batch_norm(
            x,
            state[name + ".running_mean"],
            state[name + ".running_var"],
            state[name + ".weight"],
            state[name + ".bias"]);
    }

    [Theory]
    [InlineData(16, 3, 8, new long[] { 16, 8, 16 })]
    [InlineData(17, 3, 4, new long[] { 17, 8, 4 })]
    [InlineData(4, 4, 1, new long[] { 4, 2, 1, 4 })]
    public void A_scale_is_pooled_unless_its_height_falls_below_the_minimum(int height, int scales, int minimum, long[] expected)
    {
        using var scope = NewDisposeScope();
        var options = new MultiFrequencyMultiScaleOptions { Scales = scales, Frequencies = 0, MinimumResolution = minimum };
        using var block = new MultiFrequencyMultiScaleAttention(8, options);
        block.eval();
        using var recorder = new AttentionRecorder();
        block.ForwardWithAttention(BlockProperty.Input(1, 8, height, 32), recorder);
        Assert.Equal(expected, recorder.Of<SpatialAttentionRecord>().Select(record => record.Foreground.size(2)));
    }

    [Fact]
    public void A_width_that_pooling_would_reduce_to_nothing_stays_unpooled()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(8, new MultiFrequencyMultiScaleOptions { Scales = 3, Frequencies = 0 });
        block.eval();
        using var recorder = new AttentionRecorder();
        block.ForwardWithAttention(BlockProperty.Input(1, 8, 40, 3), recorder);
        Assert.Equal(
            [[1, 1, 40, 3], [1, 1, 20, 1], [1, 1, 40, 3]], recorder.Of<SpatialAttentionRecord>().Select(record => record.Foreground.shape));
    }

    [Fact]
    public void Records_stand_under_the_scales_and_do_not_change_the_output()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(48, new MultiFrequencyMultiScaleOptions { Frequencies = 2, DctSize = 8 });
        block.eval();
        using var recorder = new AttentionRecorder();
        Tensor input = BlockProperty.Input(2, 48, 16, 18);
        Tensor output = block.ForwardWithAttention(input, recorder);

        Assert.Equal(["scale0", "scale0", "scale1", "scale1", "scale2", "scale2"], recorder.Records.Select(record => record.Path));
        Assert.Equal([[2, 48], [2, 32], [2, 32]], recorder.Of<ChannelAttentionRecord>().Select(record => record.Weights.shape));
        Assert.Equal(3, recorder.Of<SpatialAttentionRecord>().Count());
        Bits.Equal(block.call(input), output, "output without a recorder");
    }

    [Fact]
    public void Attention_that_is_switched_off_has_no_parts_parameters_or_records()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(
            8, new MultiFrequencyMultiScaleOptions { Frequencies = 0, SpatialAttention = false });
        block.eval();
        using var recorder = new AttentionRecorder();
        block.ForwardWithAttention(BlockProperty.Input(1, 8, 16, 16), recorder);
        Assert.Empty(block.ChannelAttention);
        Assert.Empty(block.SpatialAttention);
        Assert.Empty(recorder.Records);
        Assert.DoesNotContain(
            block.state_dict().Keys,
            name => name.Contains("fc.", StringComparison.Ordinal) || name.Contains("alpha", StringComparison.Ordinal));
    }

    [Fact]
    public void The_scales_share_one_basis_which_is_not_in_the_state_dict()
    {
        using var block = new MultiFrequencyMultiScaleAttention(64);
        Assert.Equal(3, block.ChannelAttention.Count);
        DctBasis[] bases = [.. block.ChannelAttention.Cast<MultiFrequencyChannelAttention>().Select(attention => attention.Basis)];
        Assert.All(bases, basis => Assert.Same(bases[0], basis));
        Assert.Equal((56, 16), (bases[0].Size, bases[0].Frequencies));
        Assert.DoesNotContain(block.state_dict().Keys, name => name.Contains("dct", StringComparison.Ordinal));
        Assert.DoesNotContain(block.state_dict().Values, value => value.numel() >= 56 * 56 * 16);
    }

    [Fact]
    public void Names_and_parameters_agree_also_after_a_change_of_type()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(
            6, new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 3, DctSize = 7 });
        string[] before = [.. block.state_dict().Keys.Order(StringComparer.Ordinal)];
        AssertConsistent(block, ScalarType.Float32);
        block.to(ScalarType.Float64);
        AssertConsistent(block, ScalarType.Float64);
        Assert.Equal(before, block.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Double_precision_is_close_to_single_precision()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(
            20, new MultiFrequencyMultiScaleOptions { Frequencies = 8, DctSize = 9, MinimumResolution = 2 });
        WeightInitialization.Apply(block, 4);
        block.eval();
        Tensor input = BlockProperty.Input(1, 20, 11, 13);
        Tensor single = block.call(input);
        block.to(ScalarType.Float64);
        Tensor wide = block.call(input.to(ScalarType.Float64));
        Assert.Equal(ScalarType.Float64, wide.dtype);
        Close.Relative(wide, single, 1e-5, "output");
    }

    [Fact]
    public void Its_own_state_dict_can_be_loaded_into_another()
    {
        using var scope = NewDisposeScope();
        var options = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 3, DctSize = 7 };
        using var source = new MultiFrequencyMultiScaleAttention(6, options);
        using var target = new MultiFrequencyMultiScaleAttention(6, options);
        WeightInitialization.Apply(source, 1);
        FixtureRule.Fill(source, "source.");
        target.load_state_dict(source.state_dict());
        source.eval();
        target.eval();
        Tensor input = BlockProperty.Input(1, 6, 9, 9);
        Bits.Equal(source.call(input), target.call(input), "output");
    }

    [Fact]
    public void All_illegal_options_are_listed_at_once_and_nothing_is_left_behind()
    {
        var options = new MultiFrequencyMultiScaleOptions
        {
            Scales = 9,
            Frequencies = 33,
            Selection = (FrequencySelection)5,
            MinimumChannels = 0,
            MinimumResolution = -1,
            DctSize = 6,
        };
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => new MultiFrequencyMultiScaleAttention(0, options));
            Assert.Equal(
                ["Channels", "DctSize", "Frequencies", "MinimumChannels", "MinimumResolution", "Scales", "Selection"],
                exception.Problems.Select(problem => problem.Subject).Order(StringComparer.Ordinal));
            BlockProperty.FollowsTheMessageRule(exception, "7 reasons");
        });
    }

    [Fact]
    public void Input_of_another_shape_is_refused()
    {
        using var block = new MultiFrequencyMultiScaleAttention(4);
        using Tensor input = zeros(1, 5, 8, 8);
        var exception = Assert.Throws<TensorShapeException>(() => block.call(input));
        BlockProperty.FollowsTheMessageRule(exception, "MultiFrequencyMultiScaleAttention input", "N×4×H×W");
    }

    [Fact]
    public void One_value_a_channel_is_refused_while_training_and_fine_otherwise()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(4, new MultiFrequencyMultiScaleOptions { Frequencies = 1, DctSize = 7 });
        Tensor input = BlockProperty.Input(1, 4, 1, 1);
        var exception = Assert.Throws<TensorShapeException>(() => block.call(input));
        BlockProperty.FollowsTheMessageRule(exception, "while training", "eval()");
        block.eval();
        Assert.Equal([1L, 4, 1, 1], block.call(input).shape);
    }

    [Fact]
    public void A_scale_pooled_to_one_value_a_channel_is_refused_while_training()
    {
        using var block = new MultiFrequencyMultiScaleAttention(
            4, new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 0, MinimumResolution = 1 });
        using Tensor input = BlockProperty.Input(1, 4, 2, 3);
        TensorLeak.None(() => BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => block.call(input)), "while training"));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 6, 9, 8);
        TensorLeak.None(() =>
        {
            using var block = new MultiFrequencyMultiScaleAttention(
                6, new MultiFrequencyMultiScaleOptions { Frequencies = 3, DctSize = 7, MinimumResolution = 2 });
            using Tensor output = block.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            block.eval();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = block.ForwardWithAttention(input, recorder);
        });
    }

    internal static void AssertConsistent(nn.Module module, ScalarType type)
    {
        Dictionary<string, Tensor> state = module.state_dict();
        (string Name, Parameter Parameter)[] named = [.. module.named_parameters()];
        Parameter[] parameters = [.. module.parameters()];
        Assert.Equal(named.Length, parameters.Length);
        Assert.Equal(named.Length, named.Select(entry => entry.Name).Distinct().Count());
        Assert.Equal(named.Length, parameters.Select(parameter => parameter.Handle).Distinct().Count());
        Assert.All(named, entry => Assert.Equal(entry.Parameter.Handle, state[entry.Name].Handle));
        Assert.Equal(state.Count, state.Values.Select(value => value.Handle).Distinct().Count());
        Assert.All(state, entry => Assert.Equal(entry.Value.is_floating_point() ? type : ScalarType.Int64, entry.Value.dtype));
    }
}
