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
/// One stage of MADGNet's decoder (paper, section 3.1, figure 2): the deep features, interpolated to the resolution of the
/// skip features and concatenated with them, pass a 3×3 convolution, the MFMSA block and another 3×3 convolution.
/// </summary>
/// <remarks>
/// Deep features N×C×h×w and skip features N×S×H×W become N×O×H×W. H and W may be any size not below h and w; the
/// published network doubles. Each convolution has a bias and is followed by batch normalisation and ReLU.
/// </remarks>
public sealed class DecoderStage : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The authors' name of the attention block among the stage's parts.</summary>
    public const string AttentionName = "attention_layer";

    [ComponentName(Name = "conv1")]
    private readonly Sequential _merge;

    [ComponentName(Name = AttentionName)]
    private readonly MultiFrequencyMultiScaleAttention _attention;

    [ComponentName(Name = "conv2")]
    private readonly Sequential _refine;

    /// <summary>Creates the stage with the published block inside.</summary>
    /// <param name="deepChannels">C, the channels of the deep features; 1 or more.</param>
    /// <param name="skipChannels">S, the channels of the skip features; 1 or more. Published: 64.</param>
    /// <param name="outputChannels">O, the channels that go out; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is out of range; lists all problems.</exception>
    public DecoderStage(long deepChannels, long skipChannels, long outputChannels)
        : this(deepChannels, skipChannels, outputChannels, attention: null)
    {
    }

    /// <summary>Creates the stage.</summary>
    /// <param name="deepChannels">C, the channels of the deep features; 1 or more.</param>
    /// <param name="skipChannels">S, the channels of the skip features; 1 or more. Published: 64.</param>
    /// <param name="outputChannels">O, the channels that go out; 1 or more.</param>
    /// <param name="attention">What the MFMSA block is made of; the published block when null.</param>
    /// <exception cref="InvalidOptionsException">A value is out of range; lists all problems.</exception>
    public DecoderStage(long deepChannels, long skipChannels, long outputChannels, MultiFrequencyMultiScaleOptions? attention)
        : this(deepChannels, skipChannels, outputChannels, attention, channelAttention: null, spatialAttention: null)
    {
    }

    /// <summary>Creates the stage with other attention inside, this library's or the host's.</summary>
    /// <param name="deepChannels">C, the channels of the deep features; 1 or more.</param>
    /// <param name="skipChannels">S, the channels of the skip features; 1 or more.</param>
    /// <param name="outputChannels">O, the channels that go out; 1 or more.</param>
    /// <param name="attention">What the MFMSA block is made of; the published block when null.</param>
    /// <param name="channelAttention">As for <see cref="MultiFrequencyMultiScaleAttention"/>; the published one when null.</param>
    /// <param name="spatialAttention">As for <see cref="MultiFrequencyMultiScaleAttention"/>; the published one when null.</param>
    /// <exception cref="InvalidOptionsException">A value is out of range; lists all problems.</exception>
    public DecoderStage(
        long deepChannels,
        long skipChannels,
        long outputChannels,
        MultiFrequencyMultiScaleOptions? attention,
        Func<ChannelAttentionContext, ChannelAttention?>? channelAttention,
        Func<long, SpatialAttention?>? spatialAttention)
        : base(NativeRuntime.Ensured(nameof(DecoderStage)))
    {
        attention ??= new MultiFrequencyMultiScaleOptions();
        List<Problem> problems = [.. attention.Validate()];
        Guard.Range(problems, nameof(deepChannels), deepChannels, 1);
        Guard.Range(problems, nameof(skipChannels), skipChannels, 1);
        Guard.Range(problems, nameof(outputChannels), outputChannels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(DecoderStage), problems);
        DeepChannels = deepChannels;
        SkipChannels = skipChannels;
        OutputChannels = outputChannels;
        _attention = new MultiFrequencyMultiScaleAttention(outputChannels, attention, channelAttention, spatialAttention);
        _merge = Layers.ConvolutionBlock(deepChannels + skipChannels, outputChannels, kernel: 3, bias: true);
        _refine = Layers.ConvolutionBlock(outputChannels, outputChannels, kernel: 3, bias: true);
        RegisterComponents();
    }

    /// <summary>C, the channels of the deep features.</summary>
    public long DeepChannels { get; }

    /// <summary>S, the channels of the skip features.</summary>
    public long SkipChannels { get; }

    /// <summary>O, the channels that go out.</summary>
    public long OutputChannels { get; }

    /// <summary>The stage's MFMSA block.</summary>
    public MultiFrequencyMultiScaleAttention Attention => _attention;

    /// <summary>Merges deep and skip features.</summary>
    /// <param name="deep">N×C×h×w.</param>
    /// <param name="skip">N×S×H×W, no smaller than the deep features.</param>
    /// <returns>N×O×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">A tensor has another shape than the stage was built for, or leaves batch normalisation a
    /// single value a channel while training.</exception>
    public override Tensor forward(Tensor deep, Tensor skip)
    {
        Tensor weight = ((Conv2d)_merge[0]).weight;
        ModuleGuard.FeatureMap(deep, DeepChannels, nameof(DecoderStage), weight, "deep features");
        ModuleGuard.FeatureMap(skip, SkipChannels, nameof(DecoderStage), weight, "skip features");
        Guard.Skip(deep, skip, nameof(DecoderStage));
        ModuleGuard.Normalizable(this, skip.size(0), skip.size(2), skip.size(3), nameof(DecoderStage));
        using DisposeScope scope = NewDisposeScope();
        Tensor upsampled = Layers.Resize(deep, skip.size(2), skip.size(3), alignCorners: false);
        Tensor features = _merge.call(cat([upsampled, skip], 1));
        using (AttentionRecorder.Enter("attention"))
        {
            features = _attention.call(features);
        }

        return _refine.call(features).MoveToOuterDisposeScope();
    }

    /// <summary>Merges deep and skip features and records the attention of every scale, below the path <c>attention</c>.</summary>
    /// <param name="deep">N×C×h×w.</param>
    /// <param name="skip">N×S×H×W, no smaller than the deep features.</param>
    /// <param name="recorder">Receives the records of the MFMSA block.</param>
    /// <returns>N×O×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">A tensor has another shape than the stage was built for, or leaves batch normalisation a
    /// single value a channel while training.</exception>
    public Tensor ForwardWithAttention(Tensor deep, Tensor skip, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(deep, skip);
        }
    }

    /// <summary>The stage in the form that only predicts.</summary>
    internal IFoldedStage Fold(ScalarType type) => new Folded(this, type);

    /// <summary>The folded form of a stage.</summary>
    private sealed class Folded(DecoderStage stage, ScalarType type) : IFoldedStage
    {
        private readonly FoldedSequence _merge = FoldedSequence.Of(stage._merge, type);
        private readonly IFolded _attention = stage._attention.Fold(type);
        private readonly FoldedSequence _refine = FoldedSequence.Of(stage._refine, type);

        public Tensor Run(Tensor deep, Tensor skip)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor upsampled = Layers.Resize(deep, skip.size(2), skip.size(3), alignCorners: false);
            return _refine.Run(_attention.Run(_merge.Run(cat([upsampled, skip], 1)))).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _merge.Dispose();
            _attention.Dispose();
            _refine.Dispose();
        }
    }
}
