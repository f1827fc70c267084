using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Modules.Attention;

/// <summary>Other attention, of the library and of a host, in the place of the published one.</summary>
public class ExchangedAttentionTests
{
    private static readonly MultiFrequencyMultiScaleOptions Small = new()
    {
        Scales = 2,
        Frequencies = 4,
        MinimumChannels = 4,
        MinimumResolution = 2,
        DctSize = 7
    };

    public static TheoryData<string> Kinds => ["haar", "db2", "gap", "none", "host"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_block_with_other_attention_trains_and_predicts_in_its_folded_form(string kind)
    {
        using var scope = NewDisposeScope();
        Tensor input = BlockProperty.Input(2, 8, 12, 10);
        BlockProperty.Holds(() => Create(kind), block => [block.call(input)], [2, 8, 12, 10]);
        using MultiFrequencyMultiScaleAttention block = Create(kind);
        WeightInitialization.Apply(block, 3);
        block.eval();
        using var noGrad = no_grad();
        using IFolded folded = block.Fold(ScalarType.Float32);
        Close.Relative(block.call(input), folded.Run(input), 1e-5, "folded");
        using var recorder = new AttentionRecorder();
        Bits.Equal(block.call(input), block.ForwardWithAttention(input, recorder), "recorded");
        Assert.Equal(kind is "none" or "host" ? 0 : 2, recorder.Of<ChannelAttentionRecord>().Count());
        Assert.Equal(kind == "host" ? 0 : 2, recorder.Of<SpatialAttentionRecord>().Count());
    }

    [Theory]
    [InlineData("haar")]
    [InlineData("db2")]
    [InlineData("gap")]
    public void The_perceptrons_names_are_the_published_ones(string kind)
    {
        using MultiFrequencyMultiScaleAttention published = new(8, Small);
        using MultiFrequencyMultiScaleAttention block = Create(kind);
        Assert.Equal(published.state_dict().Keys.Order(), block.state_dict().Keys.Order());
        Assert.Contains("multi_frequency_branches.1.0.fc.2.weight", block.state_dict().Keys);
    }

    [Fact]
    public void Without_attention_no_weights_of_it_are_left()
    {
        using MultiFrequencyMultiScaleAttention none = new(8, Small, _ => null, _ => null);
        Assert.Empty(none.ChannelAttention);
        Assert.Empty(none.SpatialAttention);
        Assert.DoesNotContain(
            none.state_dict().Keys,
            name => name.Contains("alpha", StringComparison.Ordinal) || name.Contains("fc", StringComparison.Ordinal));
    }

    [Fact]
    public void Attention_for_other_channels_or_at_some_scales_is_refused_and_leaves_nothing_behind() => TensorLeak.None(() =>
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new MultiFrequencyMultiScaleAttention(
            8,
            Small,
            context => context.Channels == 8 ? null : context.MultiFrequency(),
            _ => new MultiScaleSpatialAttention(3)));
        BlockProperty.FollowsTheMessageRule(exception, "channelAttention", "one at 1 of 2 scales", "an attention for 3 channels");
    });

    [Fact]
    public void Nothing_is_left_behind_by_any_kind()
    {
        using Tensor input = BlockProperty.Input(2, 8, 12, 10);
        foreach (string kind in Kinds)
        {
            TensorLeak.None(() =>
            {
                using MultiFrequencyMultiScaleAttention block = Create(kind);
                using Tensor output = block.call(input);
                using Tensor sum = output.sum();
                sum.backward();
                block.eval();
                using IFolded folded = block.Fold(ScalarType.Float32);
                using var noGrad = no_grad();
                using Tensor predicted = folded.Run(input);
            });
        }
    }

    private static MultiFrequencyMultiScaleAttention Create(string kind) => kind switch
    {
        "haar" => new MultiFrequencyMultiScaleAttention(8, Small, context => context.Wavelets(WaveletFilter.Haar), null),
        "db2" => new MultiFrequencyMultiScaleAttention(8, Small, context => context.Wavelets(WaveletFilter.Daubechies2), null),
        "gap" => new MultiFrequencyMultiScaleAttention(8, Small, context => context.AveragePooling(), null),
        "none" => new MultiFrequencyMultiScaleAttention(8, Small, _ => null, null),
        _ => new MultiFrequencyMultiScaleAttention(8, Small, context => new Gains(context.Channels), width => new Gate(width)),
    };

    /// <summary>A host's channel attention: a learned factor a channel.</summary>
    private sealed class Gains : ChannelAttention
    {
        [ComponentName(Name = "gain")]
        private readonly Parameter _gain;

        public Gains(long channels)
            : base(nameof(Gains), channels)
        {
            _gain = Parameter(ones(1, channels, 1, 1));
            _gain.DetachFromDisposeScope();
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input * _gain;
    }

    /// <summary>A host's spatial attention: a gate of every pixel's average.</summary>
    private sealed class Gate : SpatialAttention
    {
        [ComponentName(Name = "slope")]
        private readonly Parameter _slope;

        public Gate(long channels)
            : base(nameof(Gate), channels)
        {
            _slope = Parameter(ones(1));
            _slope.DetachFromDisposeScope();
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input * (input.mean([1], keepdim: true) * _slope).sigmoid()).MoveToOuterDisposeScope();
        }
    }
}
