using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// The MFMSA block: multi-frequency channel attention inside multi-scale spatial attention (paper, section 3.2, figure 3).
/// </summary>
/// <remarks>
/// Input and output are N×C×H×W. Scale s pools the input by 2^s, unless its height would fall below the minimum (only the height
/// decides, as published). It narrows it to <c>max(C / 2^s, MinimumChannels)</c> channels by a grouped dilated
/// 3×3 and a 1×1 convolution, weighs its channels (MFCA) and its foreground and background (MSSA), widens it back to C
/// channels and interpolates it to H×W. The scales' mean and the input are added.
/// <para>Departures from the published code, where that code fails: a height or width that 2^s does not divide is
/// interpolated to the exact input size; a width that pooling would reduce to nothing stays unpooled; the 3×3 convolution
/// has gcd(C, 32) groups where 32 does not divide C.</para>
/// </remarks>
public sealed class MultiFrequencyMultiScaleAttention : Module<Tensor, Tensor>
{
    private const int PublishedGroups = 32;

    private readonly Lazy<DctBasis> _basis;

    [ComponentName(Name = MultiFrequencyMultiScaleNames.Branches)]
    private readonly ModuleList<Sequential> _branches = new();

    [ComponentName(Name = MultiFrequencyMultiScaleNames.ChannelAttention)]
    private readonly ModuleList<ChannelAttention> _channelAttention = new();

    [ComponentName(Name = MultiFrequencyMultiScaleNames.SpatialAttention)]
    private readonly ModuleList<SpatialAttention> _spatialAttention = new();

    [ComponentName(Name = MultiFrequencyMultiScaleNames.Projections)]
    private readonly ModuleList<Sequential> _projections = new();

    /// <summary>Creates the published block.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    public MultiFrequencyMultiScaleAttention(long channels)
        : this(channels, options: null)
    {
    }

    /// <summary>Creates the block.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="options">What the block is made of; the published block when null.</param>
    /// <exception cref="InvalidOptionsException">Channels or options are out of range; lists all problems.</exception>
    public MultiFrequencyMultiScaleAttention(long channels, MultiFrequencyMultiScaleOptions? options)
        : this(channels, options, channelAttention: null, spatialAttention: null)
    {
    }

    /// <summary>Creates the block with another attention inside: one of this library or one of your own.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="options">What the block is made of; the published block when null.</param>
    /// <param name="channelAttention">
    /// Makes the channel attention of each scale, or returns null for none; the published one when this is null. Not asked where
    /// <see cref="MultiFrequencyMultiScaleOptions.Frequencies"/> is 0. All scales have one, or none has.
    /// </param>
    /// <param name="spatialAttention">
    /// Makes the spatial attention of each scale from its channels, or returns null for none; the published one when this is null.
    /// Not asked where <see cref="MultiFrequencyMultiScaleOptions.SpatialAttention"/> is false. All scales have one, or none has.
    /// </param>
    /// <exception cref="InvalidOptionsException">Channels or options are out of range, or an attention is for other channels or at some
    /// scales alone; lists all problems.</exception>
    public MultiFrequencyMultiScaleAttention(
        long channels,
        MultiFrequencyMultiScaleOptions? options,
        Func<ChannelAttentionContext, ChannelAttention?>? channelAttention,
        Func<long, SpatialAttention?>? spatialAttention)
        : base(NativeRuntime.Ensured(nameof(MultiFrequencyMultiScaleAttention)))
    {
        options ??= new MultiFrequencyMultiScaleOptions();
        List<Problem> problems = [.. options.Validate()];
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(MultiFrequencyMultiScaleAttention), problems);
        Channels = channels;
        Options = options;
        int size = options.DctSize ?? MultiFrequencyMultiScaleOptions.PublishedDctSize(channels);
        _basis = new Lazy<DctBasis>(() => new DctBasis(size, options.Frequencies, options.Selection));
        channelAttention ??= static context => context.MultiFrequency();
        spatialAttention ??= static width => new MultiScaleSpatialAttention(width);
        try
        {
            for (int scale = 0; scale < options.Scales; scale++)
            {
                long width = Math.Max(channels >> scale, options.MinimumChannels);
                _branches.Add(CreateBranch(channels, width, scale));
                if (options.Frequencies > 0
                    && channelAttention(new ChannelAttentionContext(
                        width, size, options.Frequencies, options.Selection, _basis)) is { } weighing)
                {
                    _channelAttention.Add(weighing);
                    Check(problems, "channelAttention", weighing.Channels, width);
                }

                if (options.SpatialAttention && spatialAttention(width) is { } placing)
                {
                    _spatialAttention.Add(placing);
                    Check(problems, "spatialAttention", placing.Channels, width);
                }

                _projections.Add(Layers.ConvolutionBlock(width, channels, kernel: 3, bias: false));
            }

            CheckCount(problems, "channelAttention", _channelAttention.Count, options.Scales);
            CheckCount(problems, "spatialAttention", _spatialAttention.Count, options.Scales);
            InvalidOptionsException.ThrowIfAny(nameof(MultiFrequencyMultiScaleAttention), problems);
        }
        catch
        {
            foreach (Module part in (IEnumerable<Module>)[.. _branches, .. _channelAttention, .. _spatialAttention, .. _projections])
            {
                part.Dispose();
            }

            throw;
        }

        RegisterComponents();
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>What the block is made of.</summary>
    public MultiFrequencyMultiScaleOptions Options { get; }

    /// <summary>The channel attention of every scale; empty when there is none.</summary>
    public IReadOnlyList<ChannelAttention> ChannelAttention => [.. _channelAttention];

    /// <summary>The spatial attention of every scale; empty when there is none.</summary>
    public IReadOnlyList<SpatialAttention> SpatialAttention => [.. _spatialAttention];

    /// <summary>Refines a feature map.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>The refined map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C, or leaves a scale a single value a channel
    /// while training.</exception>
    public override Tensor forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, Channels, nameof(MultiFrequencyMultiScaleAttention), ((Conv2d)_branches[0][0]).weight);
        using DisposeScope scope = NewDisposeScope();
        Tensor sum = RunScale(input, 0);
        for (int scale = 1; scale < Options.Scales; scale++)
        {
            sum = sum.Plus(RunScale(input, scale));
        }

        return sum.Over(Options.Scales).Plus(input).MoveToOuterDisposeScope();
    }

    /// <summary>Refines a feature map and records the attention of every scale, under the paths <c>scale0</c>, <c>scale1</c> …</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <param name="recorder">Receives a <see cref="ChannelAttentionRecord"/> and a <see cref="SpatialAttentionRecord"/> a scale.</param>
    /// <returns>The refined map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C, or leaves a scale a single value a channel
    /// while training.</exception>
    public Tensor ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <summary>The parameters under the names of the published state dict.</summary>
    /// <param name="recurse">Whether the parameters of the parts are included.</param>
    /// <returns>Names and parameters.</returns>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        foreach ((string name, Parameter parameter) in base.named_parameters(recurse))
        {
            yield return (MultiFrequencyMultiScaleNames.OfAuthors(name), parameter);
        }
    }

    /// <summary>Parameters and buffers under the names of the published state dict.</summary>
    /// <param name="destination">A dictionary to add to; a new one when null.</param>
    /// <param name="prefix">What to put before every name.</param>
    /// <returns>The dictionary. Its tensors belong to the block.</returns>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        // The base class would add every tensor a second time under the names of the parts.
        destination ??= [];
        string start = string.IsNullOrEmpty(prefix) ? string.Empty : prefix + ".";
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            destination.TryAdd(start + name, parameter);
        }

        foreach ((string name, Tensor buffer) in named_buffers())
        {
            destination.TryAdd(start + name, buffer);
        }

        return destination;
    }

    /// <summary>The block in the form that only predicts.</summary>
    internal IFolded Fold(ScalarType type) => new Folded(this, type);

    /// <summary>Disposes the parameters and the basis that the scales share.</summary>
    /// <param name="disposing">Whether managed state is to be disposed.</param>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _basis.IsValueCreated)
        {
            _basis.Value.Dispose();
        }
    }

    private static Sequential CreateBranch(long channels, long width, int scale)
    {
        long groups = (long)System.Numerics.BigInteger.GreatestCommonDivisor(channels, PublishedGroups);
        return Sequential(
            ("0", Layers.Convolution(channels, channels, kernel: 3, dilation: 1 + scale, groups: (int)groups)),
            ("1", Layers.Normalization(channels)),
            ("2", Layers.Rectifier()),
            ("3", Layers.Convolution(channels, width, kernel: 1)),
            ("4", Layers.Normalization(width)),
            ("5", Layers.Rectifier()));
    }

    private static void Check(List<Problem> problems, string what, long received, long expected)
    {
        if (received != expected)
        {
            problems.Add(new Problem(
                what,
                $"an attention for {received} channels",
                $"one for {expected}",
                "Make it for the channels that the function is given"));
        }
    }

    private static void CheckCount(List<Problem> problems, string what, int received, int scales)
    {
        if (received != 0 && received != scales)
        {
            problems.Add(new Problem(
                what,
                $"one at {received} of {scales} scales",
                "one at every scale, or none",
                "Return an attention for every scale, or null for each"));
        }
    }

    private Tensor RunScale(Tensor input, int scale)
    {
        using DisposeScope scope = NewDisposeScope();
        using var step = AttentionRecorder.Enter("scale", scale);
        Tensor features = Pool(input, scale);
        ModuleGuard.Normalizable(this, features.size(0), features.size(2), features.size(3), nameof(MultiFrequencyMultiScaleAttention));
        features = _branches[scale].call(features);
        if (_channelAttention.Count > 0)
        {
            features = _channelAttention[scale].call(features);
        }

        if (_spatialAttention.Count > 0)
        {
            features = _spatialAttention[scale].call(features);
        }

        features = _projections[scale].call(features);
        return Layers.Resize(features, input.size(2), input.size(3), alignCorners: false).MoveToOuterDisposeScope();
    }

    private Tensor Pool(Tensor input, int scale) => Pool(input, scale, Options.MinimumResolution);

    private static Tensor Pool(Tensor input, int scale, int minResolution)
    {
        bool poolable = scale > 0 && input.size(2) >> scale >= minResolution && input.size(3) >> scale >= 1;
        return poolable ? functional.avg_pool2d(input, 1L << scale, stride: 1L << scale) : input;
    }

    /// <summary>
    /// The folded form. The mean over the scales is folded into the projections: what a ReLU lets through, it lets through divided.
    /// </summary>
    private sealed class Folded : IFolded
    {
        private readonly int _minResolution;
        private readonly DctBasis? _basis;
        private readonly List<Scale> _scales = [];

        public Folded(MultiFrequencyMultiScaleAttention module, ScalarType type)
        {
            MultiFrequencyMultiScaleOptions options = module.Options;
            _minResolution = options.MinimumResolution;
            _basis = module._basis.IsValueCreated
                ? new DctBasis(module._basis.Value.Size, module._basis.Value.Frequencies, module._basis.Value.Selection)
                : null;
            for (int scale = 0; scale < options.Scales; scale++)
            {
                _scales.Add(new Scale(
                    FoldedSequence.Of(module._branches[scale], type),
                    module._channelAttention.Count == 0 ? null : Fold(module, module._channelAttention[scale], type),
                    module._spatialAttention.Count == 0 ? null : module._spatialAttention[scale].Fold(type),
                    FoldedSequence.Of(module._projections[scale], type, factor: 1.0 / options.Scales)));
            }
        }

        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor sum = Run(input, 0);
            for (int scale = 1; scale < _scales.Count; scale++)
            {
                sum.Accumulate(Run(input, scale));
            }

            return sum.Accumulate(input).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            foreach (Scale scale in _scales)
            {
                scale.Branch.Dispose();
                scale.Channels?.Dispose();
                scale.Pixels?.Dispose();
                scale.Projection.Dispose();
            }

            _basis?.Dispose();
        }

        private Tensor Run(Tensor input, int index)
        {
            using DisposeScope scope = NewDisposeScope();
            Scale scale = _scales[index];
            Tensor features = scale.Branch.Run(Pool(input, index, _minResolution));
            features = scale.Channels?.Apply(features) ?? features;
            features = scale.Pixels?.Apply(features) ?? features;

            features = scale.Projection.Run(features);
            return Layers.Resize(features, input.size(2), input.size(3), alignCorners: false).MoveToOuterDisposeScope();
        }

        /// <summary>Attention on the block's own basis shares one here too.</summary>
        private IFoldedAttention Fold(MultiFrequencyMultiScaleAttention module, ChannelAttention attention, ScalarType type) =>
            _basis is not null
                && attention is MultiFrequencyChannelAttention frequencies
                && ReferenceEquals(frequencies.Basis, module._basis.Value)
                ? frequencies.Fold(_basis)
                : attention.Fold(type);

        private sealed record Scale(IFolded Branch, IFoldedAttention? Channels, IFoldedAttention? Pixels, IFolded Projection);
    }
}
