using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using MadgNet.Core.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Models;

/// <summary>
/// MADGNet (Nam et al., CVPR 2024, arXiv 2405.06284): an encoder, decoder stages with multi-frequency multi-scale
/// attention, and a sub-decoder for each of them that predicts region, distance and boundary together.
/// </summary>
/// <remarks>
/// Images are N×C×H×W with values 0..1, H and W multiples of <see cref="Stride"/> (32 with the encoders of this library);
/// outputs are logits N×n×H×W. State-dict names and shapes are those of the authors' code. Owns its encoder. Training
/// is not safe from several threads; <see cref="Predict"/> in evaluation mode is.
/// </remarks>
public sealed partial class MadgNetModel : SegmentationModel
{
    /// <summary>The name of this kind of network in files and registries.</summary>
    public const string ArchitectureName = "madgnet";

    private readonly Sequential[] _skips;
    private readonly DecoderStage[] _stages;
    private readonly SubDecoder[] _subDecoders;

    /// <summary>Creates the published network with fresh weights from the seed 0.</summary>
    public MadgNetModel()
        : this(new MadgNetOptions())
    {
    }

    /// <summary>Creates a network with one of this library's encoders and fresh weights from the seed 0.</summary>
    /// <param name="options">What it is made of.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options)
        : this(options, seed: 0)
    {
    }

    /// <summary>Creates a network with one of this library's encoders and fresh weights.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="seed">The seed that all weights follow from.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, long seed)
        : this(options, ModelRegistry.BuiltIn, seed)
    {
    }

    /// <summary>Creates a network of named parts, this library's and the host's, with fresh weights from the seed 0.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, ModelRegistry registry)
        : this(options, registry, seed: 0)
    {
    }

    /// <summary>Creates a network of named parts, this library's and the host's, with fresh weights.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <param name="seed">The seed that the weights follow from; those of an encoder whose entry does not draw them stay.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, ModelRegistry registry, long seed)
        : this(options, null, registry, seed)
    {
    }

    /// <summary>
    /// Creates a network on an encoder of your own, whose weights stay as they are; the decoder's follow from the seed 0.
    /// </summary>
    /// <param name="options">What the rest is made of; <see cref="MadgNetOptions.Encoder"/> is what it says.</param>
    /// <param name="encoder">The encoder, a <see cref="Module"/>. The network owns it once it is constructed.</param>
    /// <exception cref="InvalidOptionsException">Options and encoder do not fit each other; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, IEncoder encoder)
        : this(options, encoder, seed: 0)
    {
    }

    /// <summary>Creates a network on an encoder of your own, whose weights stay as they are.</summary>
    /// <param name="options">What the rest is made of; <see cref="MadgNetOptions.Encoder"/> is what it says.</param>
    /// <param name="encoder">The encoder, a <see cref="Module"/>. The network owns it once it is constructed.</param>
    /// <param name="seed">The seed that the decoder's weights follow from.</param>
    /// <exception cref="InvalidOptionsException">Options and encoder do not fit each other; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, IEncoder encoder, long seed)
        : this(options, encoder ?? throw new ArgumentNullException(nameof(encoder)), ModelRegistry.BuiltIn, seed)
    {
    }

    internal MadgNetModel(MadgNetOptions options, IEncoder? encoder, ModelRegistry registry, long? seed)
        : base(nameof(MadgNetModel))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(registry);
        List<Problem> problems = [.. options.Validate(registry, encoder is not null)];
        InvalidOptionsException.ThrowIfAny(
            nameof(MadgNetModel), [.. problems, .. encoder is null ? [] : ValidateEncoder(options, encoder)]);
        bool ownsEncoderAtOnce = encoder is null;
        encoder ??= NetworkParts.CreateEncoder(
            registry.Get<EncoderEntry>(options.Encoder), options.Input, seed, MadgNetNames.Encoder + ".");
        Options = options;
        Encoder = encoder;
        int count = options.DecoderChannels.Count;
        _skips = new Sequential[count];
        _stages = new DecoderStage[count];
        _subDecoders = new SubDecoder[count];
        try
        {
            if (ownsEncoderAtOnce)
            {
                InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), ValidateEncoder(options, encoder));
            }

            CreateDecoder(registry, seed);
        }
        catch
        {
            // Memory that runs out half-way: what exists already must not wait for the garbage collector.
            foreach (Module? part in (Module?[])[.. _skips, .. _stages, .. _subDecoders, ownsEncoderAtOnce ? encoder as Module : null])
            {
                part?.Dispose();
            }

            throw;
        }

        register_module(MadgNetNames.Encoder, (Module)encoder);
        for (int i = 0; i < count; i++)
        {
            register_module($"{MadgNetNames.SkipConnection}{i + 1}", _skips[i]);
            register_module($"{MadgNetNames.DecoderStage}{i + 1}", _stages[i]);
            register_module($"{MadgNetNames.SubDecoder}{i + 1}", _subDecoders[i]);
        }

        NetworkParts.SetMomentum(this, options.BatchNormMomentum);
    }

    /// <summary>What the network is made of.</summary>
    public MadgNetOptions Options { get; }

    /// <summary>The encoder.</summary>
    public IEncoder Encoder { get; }

    /// <summary>The decoder stages, deepest first.</summary>
    public IReadOnlyList<DecoderStage> DecoderStages => _stages;

    /// <summary>The sub-decoder of each stage, deepest first.</summary>
    public IReadOnlyList<SubDecoder> SubDecoders => _subDecoders;

    /// <inheritdoc/>
    public override string Architecture => ArchitectureName;

    /// <inheritdoc/>
    public override ModelInput Input => Options.Input;

    /// <inheritdoc/>
    public override int Labels => Options.Labels;

    /// <inheritdoc/>
    public override IReadOnlyList<string> LabelNames => Options.LabelNames;

    /// <summary>What the height and width of an image must be multiples of: the stride of the encoder's last level.</summary>
    public override int Stride => Encoder.Levels[^1].Stride;

    /// <inheritdoc/>
    public override int StageCount => _stages.Length;

    /// <inheritdoc/>
    public override SupervisionTasks Tasks =>
        Array.TrueForAll(_subDecoders, subDecoder => subDecoder.HasAuxiliaryMaps) ? SupervisionTasks.All : SupervisionTasks.Region;

    /// <inheritdoc/>
    public override string Description => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"MADGNet (Nam et al., CVPR 2024), encoder {Options.Encoder}, channel attention {Options.ChannelAttention}, spatial attention "
            + $"{Options.SpatialAttention}, sub-decoder {Options.SubDecoder}");

    /// <inheritdoc/>
    protected override Parameter? FirstWeight => _skips[0].parameters().First();

    /// <summary>Predicts all maps of all stages, as training needs them.</summary>
    /// <param name="input">Images N×C×H×W, values 0..1, H and W multiples of <see cref="Stride"/>; C is the options' channels, or 1 where
    /// the encoder takes 3.</param>
    /// <returns>Logits of every stage at input resolution. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The images have another shape, type or device than the model takes, or the encoder's features
    /// are not what it declared.</exception>
    public override SegmentationOutput forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        var maps = new List<TaskMaps>(_stages.Length);
        Decode(scope, input, maps);
        foreach (TaskMaps stage in maps)
        {
            scope.MoveToOuter([.. stage.Given]);
        }

        return new SegmentationOutput(maps);
    }

    /// <inheritdoc/>
    public override bool IsEncoderParameter(string name) => name.StartsWith(MadgNetNames.EncoderPrefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    /// <remarks>
    /// <c>decoder_stage1.attention</c> …; the attention of an encoder that has its own, as ResNeSt has, is recorded below
    /// <c>feature_encoding</c>.
    /// </remarks>
    public override string? AttentionPath(int stage) => $"{MadgNetNames.DecoderStage}{stage + 1}.attention";

    /// <inheritdoc/>
    public override string? SubDecoderPath(int stage) => $"{MadgNetNames.SubDecoder}{stage + 1}";

    /// <inheritdoc/>
    public override string OptionsToJson() => Options.ToJson();

    /// <summary>Predicts the region map of the last stage alone; the other sub-decoders are not run.</summary>
    /// <param name="input">Images as for <see cref="forward"/>.</param>
    /// <returns>Region logits N×n×H×W; their sigmoid is the probability. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    /// <remarks>
    /// Runs in whatever mode the module is in: call <c>eval()</c> first, and wrap the call in <c>no_grad()</c> where no gradient is wanted.
    /// </remarks>
    public override Tensor Predict(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Decode(scope, input, null);
        return _subDecoders[^1].PredictRegion(features).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The network in a form that only predicts, and does so faster: batch normalisation folded into the convolutions,
    /// channels-last memory, nothing kept for gradients, no more of the sub-decoders than the region needs.
    /// </summary>
    /// <param name="precision">What it computes in.</param>
    /// <returns>A network of its own, with copies of the weights as they are now. The caller owns it.</returns>
    /// <remarks>
    /// An encoder of your own is used as it is, in evaluation mode and in the model's type, and must live as long as what
    /// is returned. Everything else is independent of this model afterwards.
    /// </remarks>
    /// <exception cref="InvalidOptionsException">The precision is unknown.</exception>
    public override InferenceModel ForInference(InferencePrecision precision = InferencePrecision.Float32) =>
        new FoldedInference(this, precision, Encoder, type => (
            [.. _skips.Select(skip => FoldedSequence.Of(skip, type))],
            [.. _stages.Select(stage => stage.Fold(type))],
            _subDecoders[^1].FoldRegion(type)));

    /// <summary>Builds a network from what a file, or a recipe, says of it.</summary>
    internal static MadgNetModel Create(ArchitectureContext context) =>
        new(MadgNetOptions.FromJson(context.Options), null, context.Registry, context.Seed);

    internal static List<Problem> ValidateEncoder(MadgNetOptions options, IEncoder encoder)
    {
        List<Problem> problems = NetworkParts.ValidateEncoder(options.Encoder, options.Input, encoder);
        if (options.DecoderChannels is not null)
        {
            problems.AddRange(ValidateLevels(options, encoder.Levels));
        }

        return problems;
    }

    private static List<Problem> ValidateLevels(MadgNetOptions options, IReadOnlyList<FeatureLevel>? levels) =>
        levels is null || levels.Count != options.DecoderChannels.Count + 1
            ? [new Problem(
                "encoder.Levels",
                $"{levels?.Count ?? 0} levels",
                $"{options.DecoderChannels.Count + 1}, one more than DecoderChannels has stages",
                "Change DecoderChannels or the encoder's levels")]
            : NetworkParts.ValidateLevels(levels);

    private static MultiFrequencyMultiScaleOptions StageAttention(MadgNetOptions options, int stage) =>
        options.DctSizes.Count == 0 ? options.Attention : options.Attention with { DctSize = options.DctSizes[stage] };

    private void CreateDecoder(ModelRegistry registry, long? seed)
    {
        ChannelAttentionEntry channelAttention = registry.Get<ChannelAttentionEntry>(Options.ChannelAttention);
        SpatialAttentionEntry spatialAttention = registry.Get<SpatialAttentionEntry>(Options.SpatialAttention);
        SubDecoderEntry subDecoder = registry.Get<SubDecoderEntry>(Options.SubDecoder);
        long deepChannels = Encoder.Levels[^1].Channels;
        for (int i = 0; i < _stages.Length; i++)
        {
            FeatureLevel level = Encoder.Levels[_stages.Length - 1 - i];
            int channels = Options.DecoderChannels[i];
            _skips[i] = Layers.ConvolutionBlock(level.Channels, Options.SkipChannels, kernel: 1, bias: true);
            _stages[i] = new DecoderStage(
                deepChannels, Options.SkipChannels, channels, StageAttention(Options, i), channelAttention.Create, spatialAttention.Create);
            _subDecoders[i] = subDecoder.Create(channels, Options.Labels, level.Stride);
            if (seed is { } value)
            {
                WeightInitialization.Apply(_skips[i], value, prefix: $"{MadgNetNames.SkipConnection}{i + 1}.");
                WeightInitialization.Apply(_stages[i], value, prefix: $"{MadgNetNames.DecoderStage}{i + 1}.");
                WeightInitialization.Apply(_subDecoders[i], value, prefix: $"{MadgNetNames.SubDecoder}{i + 1}.");
            }

            deepChannels = channels;
        }
    }

    /// <summary>The features of the last stage; the maps of every stage are added to <paramref name="maps"/> unless it is null.</summary>
    private Tensor Decode(DisposeScope scope, Tensor input, List<TaskMaps>? maps)
    {
        IReadOnlyList<Tensor> levels = Encode(scope, input);
        Tensor features = levels[^1];
        for (int i = 0; i < _stages.Length; i++)
        {
            Tensor skip = _skips[i].call(levels[_stages.Length - 1 - i]);
            using (AttentionRecorder.Enter(MadgNetNames.DecoderStage, i + 1))
            {
                features = _stages[i].call(features, skip);
            }

            if (maps is not null)
            {
                using var step = AttentionRecorder.Enter(MadgNetNames.SubDecoder, i + 1);
                maps.Add(_subDecoders[i].call(features));
            }
        }

        return features;
    }

    private IReadOnlyList<Tensor> Encode(DisposeScope scope, Tensor input)
    {
        IReadOnlyList<Tensor> levels = EncoderLevels.Encode(Encoder, scope, Prepare(input));
        for (int i = 0; i < _skips.Length; i++)
        {
            ModuleGuard.Normalizable(
                this, levels[i].size(0), levels[i].size(2), levels[i].size(3), $"{nameof(MadgNetModel)} skip connection of level {i}");
        }

        return levels;
    }

    private Tensor Prepare(Tensor input)
    {
        Parameter weight = FirstWeight!;
        return ImageInput.Prepare(
            input, Encoder.InputChannels, Stride, Input, weight.dtype, weight.device, nameof(MadgNetModel));
    }
}
