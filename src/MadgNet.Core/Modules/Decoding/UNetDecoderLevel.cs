using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>
/// One level of a U-Net's expanding path (Ronneberger et al., MICCAI 2015, arXiv 1505.04597): the deep features, interpolated to
/// the resolution of the skip features and narrowed by a 1×1 convolution, are concatenated with them and pass two 3×3
/// convolutions with batch normalisation and ReLU, and attention where there is any.
/// </summary>
/// <remarks>
/// Deep features N×C×h×w and skip features N×S×H×W become N×O×H×W. H and W may be any size not below h and w. The interpolation is
/// bilinear without aligned corners, as in <see cref="DecoderStage"/>. State-dict names: <c>up</c>, <c>convolutions</c>,
/// <c>channel_attention</c>, <c>spatial_attention</c>.
/// </remarks>
public sealed class UNetDecoderLevel : Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "up")]
    private readonly Conv2d _up;

    [ComponentName(Name = "convolutions")]
    private readonly DoubleConvolution _convolutions;

    [ComponentName(Name = "channel_attention")]
    private readonly ChannelAttention? _channelAttention;

    [ComponentName(Name = "spatial_attention")]
    private readonly SpatialAttention? _spatialAttention;

    /// <summary>Creates the level.</summary>
    /// <param name="deepChannels">C, the channels of the deep features; 1 or more.</param>
    /// <param name="skipChannels">S, the channels of the skip features; 1 or more.</param>
    /// <param name="outputChannels">O, the channels that go out, and that the deep features are narrowed to; 1 or more.</param>
    /// <param name="channelAttention">Weighs the channels of what goes out; for O channels; null for none. The level owns it.</param>
    /// <param name="spatialAttention">Weighs its pixels after that; for O channels; null for none. The level owns it.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive, or an attention is for other channels; lists all
    /// problems.</exception>
    public UNetDecoderLevel(
        long deepChannels,
        long skipChannels,
        long outputChannels,
        ChannelAttention? channelAttention = null,
        SpatialAttention? spatialAttention = null)
        : base(NativeRuntime.Ensured(nameof(UNetDecoderLevel)))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(deepChannels), deepChannels, 1);
        Guard.Range(problems, nameof(skipChannels), skipChannels, 1);
        Guard.Range(problems, nameof(outputChannels), outputChannels, 1);
        Check(nameof(channelAttention), channelAttention?.Channels);
        Check(nameof(spatialAttention), spatialAttention?.Channels);
        InvalidOptionsException.ThrowIfAny(nameof(UNetDecoderLevel), problems);
        DeepChannels = deepChannels;
        SkipChannels = skipChannels;
        OutputChannels = outputChannels;
        _up = Layers.Convolution(deepChannels, outputChannels, kernel: 1, bias: true);
        _convolutions = new DoubleConvolution(outputChannels + skipChannels, outputChannels);
        _channelAttention = channelAttention;
        _spatialAttention = spatialAttention;
        RegisterComponents();

        void Check(string what, long? channels)
        {
            if (channels is { } received && received != outputChannels)
            {
                problems.Add(new Problem(
                    what,
                    $"an attention for {received} channels",
                    $"one for the {outputChannels} output channels",
                    "Make it for the channels that go out"));
            }
        }
    }

    /// <summary>C, the channels of the deep features.</summary>
    public long DeepChannels { get; }

    /// <summary>S, the channels of the skip features.</summary>
    public long SkipChannels { get; }

    /// <summary>O, the channels that go out.</summary>
    public long OutputChannels { get; }

    /// <summary>The attention to channels; null where there is none.</summary>
    public ChannelAttention? ChannelAttention => _channelAttention;

    /// <summary>The attention to pixels; null where there is none.</summary>
    public SpatialAttention? SpatialAttention => _spatialAttention;

    /// <summary>Merges deep and skip features.</summary>
    /// <param name="deep">N×C×h×w.</param>
    /// <param name="skip">N×S×H×W, no smaller than the deep features.</param>
    /// <returns>N×O×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">A tensor has another shape than the level was built for, another type or device than its
    /// weights, or leaves batch normalisation a single value a channel while training.</exception>
    public override Tensor forward(Tensor deep, Tensor skip)
    {
        ModuleGuard.FeatureMap(deep, DeepChannels, nameof(UNetDecoderLevel), _up.weight, "deep features");
        ModuleGuard.FeatureMap(skip, SkipChannels, nameof(UNetDecoderLevel), _up.weight, "skip features");
        Guard.Skip(deep, skip, nameof(UNetDecoderLevel));
        ModuleGuard.Normalizable(this, skip.size(0), skip.size(2), skip.size(3), nameof(UNetDecoderLevel));
        using DisposeScope scope = NewDisposeScope();

        // The convolution comes first: it commutes with the interpolation, whose weights add up to one, and has fewer pixels there.
        Tensor narrowed = Layers.Resize(_up.call(deep), skip.size(2), skip.size(3), alignCorners: false);
        Tensor features = _convolutions.call(cat([narrowed, skip], 1));
        using (AttentionRecorder.Enter("attention"))
        {
            features = _channelAttention is null ? features : _channelAttention.call(features);
            features = _spatialAttention is null ? features : _spatialAttention.call(features);
        }

        return features.MoveToOuterDisposeScope();
    }

    /// <summary>Merges deep and skip features and records the attention, below the path <c>attention</c>.</summary>
    /// <param name="deep">N×C×h×w.</param>
    /// <param name="skip">N×S×H×W, no smaller than the deep features.</param>
    /// <param name="recorder">Receives the records.</param>
    /// <returns>N×O×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public Tensor ForwardWithAttention(Tensor deep, Tensor skip, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(deep, skip);
        }
    }

    /// <summary>The level in the form that only predicts.</summary>
    internal IFoldedStage Fold(ScalarType type) => new Folded(this, type);

    private sealed class Folded(UNetDecoderLevel level, ScalarType type) : IFoldedStage
    {
        private readonly FoldedConvolution _up = new(level._up, null, rectify: false, type);
        private readonly IFolded _convolutions = level._convolutions.Fold(type);
        private readonly IFoldedAttention? _channels = level._channelAttention?.Fold(type);
        private readonly IFoldedAttention? _pixels = level._spatialAttention?.Fold(type);

        public Tensor Run(Tensor deep, Tensor skip)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor narrowed = Layers.Resize(_up.Run(deep), skip.size(2), skip.size(3), alignCorners: false);
            Tensor features = _convolutions.Run(cat([narrowed, skip], 1));
            features = _channels?.Apply(features) ?? features;
            features = _pixels?.Apply(features) ?? features;
            return features.MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _up.Dispose();
            _convolutions.Dispose();
            _channels?.Dispose();
            _pixels?.Dispose();
        }
    }
}
