using MadgNet.Core.Inputs;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Backbones;
using MadgNet.Core.Modules.Decoding;
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
/// outputs are logits N×n×H×W. State-dict names and shapes are those of the authors' code. Owns its backbone. Training
/// is not safe from several threads; <see cref="Predict"/> in evaluation mode is.
/// </remarks>
public sealed partial class MadgNetModel : Module<Tensor, MadgNetOutput>
{
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
        : this(options, CreateBackbone(options, seed), seed, ownsBackboneAtOnce: true)
    {
    }

    /// <summary>Creates a network on an encoder of the host's, whose weights stay as they are; the decoder's follow from the seed 0.</summary>
    /// <param name="options">What the rest is made of; <see cref="MadgNetOptions.Backbone"/> is what it says.</param>
    /// <param name="backbone">The encoder, a <see cref="Module"/>. The network owns it once it is constructed.</param>
    /// <exception cref="InvalidOptionsException">Options and encoder do not fit each other; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, IBackbone backbone)
        : this(options, backbone, seed: 0)
    {
    }

    /// <summary>Creates a network on an encoder of the host's, whose weights stay as they are.</summary>
    /// <param name="options">What the rest is made of; <see cref="MadgNetOptions.Backbone"/> is what it says.</param>
    /// <param name="backbone">The encoder, a <see cref="Module"/>. The network owns it once it is constructed.</param>
    /// <param name="seed">The seed that the decoder's weights follow from.</param>
    /// <exception cref="InvalidOptionsException">Options and encoder do not fit each other; lists all problems.</exception>
    public MadgNetModel(MadgNetOptions options, IBackbone backbone, long seed)
        : this(options, backbone, seed, ownsBackboneAtOnce: false)
    {
    }

    private MadgNetModel(MadgNetOptions options, IBackbone backbone, long? seed, bool ownsBackboneAtOnce)
        : base(NativeRuntime.Ensured(nameof(MadgNetModel)))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(backbone);
        InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), [.. options.Validate(), .. ValidateBackbone(options, backbone)]);
        Options = options;
        Backbone = backbone;
        int count = options.DecoderChannels.Count;
        _skips = new Sequential[count];
        _stages = new DecoderStage[count];
        _subDecoders = new SubDecoder[count];
        try
        {
            CreateDecoder(seed);
        }
        catch
        {
            // Memory that runs out half-way: what exists already must not wait for the garbage collector.
            foreach (Module? part in (Module?[])[.. _skips, .. _stages, .. _subDecoders, ownsBackboneAtOnce ? (Module)backbone : null])
            {
                part?.Dispose();
            }

            throw;
        }

        register_module(AuthorNames.Backbone, (Module)backbone);
        for (int i = 0; i < count; i++)
        {
            register_module($"{AuthorNames.SkipConnection}{i + 1}", _skips[i]);
            register_module($"{AuthorNames.DecoderStage}{i + 1}", _stages[i]);
            register_module($"{AuthorNames.SubDecoder}{i + 1}", _subDecoders[i]);
        }

        foreach (Module part in modules())
        {
            if (part is BatchNormalization own)
            {
                own.Momentum = options.BatchNormMomentum;
            }
            else if (part is BatchNorm theirs)
            {
                // In an encoder of the host's.
                theirs.momentum = options.BatchNormMomentum;
            }
        }
    }

    /// <summary>What the network is made of.</summary>
    public MadgNetOptions Options { get; }

    /// <summary>The encoder.</summary>
    public IBackbone Backbone { get; }

    /// <summary>The decoder stages, deepest first.</summary>
    public IReadOnlyList<DecoderStage> DecoderStages => _stages;

    /// <summary>The sub-decoder of each stage, deepest first.</summary>
    public IReadOnlyList<SubDecoder> SubDecoders => _subDecoders;

    /// <summary>What the height and width of an image must be multiples of: the stride of the backbone's last level.</summary>
    public int Stride => Backbone.Levels[^1].Stride;

    /// <summary>The number of values in the parameters, frozen ones included. The published configuration with one label has 33,366,372.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>The device that the parameters are on.</summary>
    public Device Device => AnyWeight.device;

    /// <summary>One parameter, found without walking the whole network.</summary>
    private Parameter AnyWeight => _skips[0].parameters().First();

    /// <summary>Predicts all maps of all stages, as training needs them.</summary>
    /// <param name="input">Images N×C×H×W, values 0..1, H and W multiples of <see cref="Stride"/>; C is the options' channels, or 1 where the encoder takes 3.</param>
    /// <returns>Logits of every stage at input resolution. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The images have another shape, type or device than the model takes, or the backbone's features are not what it declared.</exception>
    public override MadgNetOutput forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        var maps = new List<TaskMaps>(_stages.Length);
        Decode(scope, input, maps);
        foreach (TaskMaps stage in maps)
        {
            scope.MoveToOuter([.. stage.Given]);
        }

        return new MadgNetOutput(maps);
    }

    /// <summary>
    /// Predicts all maps and records every attention of the decoder on the way, under the paths
    /// <c>decoder_stage1.attention.scale0</c> … and <c>sub_decoder_stage1</c> …; that of an encoder which has its own, as
    /// ResNeSt has, below <c>feature_encoding</c>.
    /// </summary>
    /// <param name="input">Images as for <see cref="forward"/>.</param>
    /// <param name="recorder">Receives the records.</param>
    /// <returns>Logits of every stage at input resolution. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public MadgNetOutput ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <summary>Predicts the region map of the last stage alone; the other sub-decoders are not run.</summary>
    /// <param name="input">Images as for <see cref="forward"/>.</param>
    /// <returns>Region logits N×n×H×W; their sigmoid is the probability. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    /// <remarks>Runs in whatever mode the module is in: call <c>eval()</c> first, and wrap the call in <c>no_grad()</c> where no gradient is wanted.</remarks>
    public Tensor Predict(Tensor input)
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
    /// An encoder of the host's is used as it is, in evaluation mode and in the model's type, and must live as long as what
    /// is returned. Everything else is independent of this model afterwards.
    /// </remarks>
    /// <exception cref="InvalidOptionsException">The precision is unknown.</exception>
    public InferenceModel ForInference(InferencePrecision precision = InferencePrecision.Float32) =>
        new(this, precision, [.. _skips], _stages, _subDecoders[^1]);

    internal static Problem MissingBackbone(BackboneKind kind) => new(
        nameof(MadgNetOptions.Backbone),
        $"{kind} without an encoder",
        "ResNeSt50, ResNet50 or Res2Net50, or an encoder of your own",
        "Pass your IBackbone to the constructor, to MadgNetBuilder.WithBackbone or to MadgNetModel.Load");

    private static ResidualBackbone CreateBackbone(MadgNetOptions options, long? seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), options.Validate());
        long channels = options.InputChannels == 1 ? 3 : options.InputChannels;
        ResidualBackbone backbone = options.Backbone switch
        {
            BackboneKind.ResNeSt50 => new ResNeStBackbone(channels),
            BackboneKind.ResNet50 => new ResNetBackbone(channels),
            BackboneKind.Res2Net50 => new Res2NetBackbone(channels),
            _ => throw new InvalidOptionsException(nameof(MadgNetModel), [MissingBackbone(options.Backbone)]),
        };
        if (seed is { } value)
        {
            WeightInitialization.Apply(backbone, value, WeightInitializationScheme.NormalFanOut, AuthorNames.Backbone + ".");
        }

        return backbone;
    }

    /// <summary>A network whose weights are to be loaded: none are drawn.</summary>
    private static MadgNetModel CreateEmpty(MadgNetOptions options, IBackbone? backbone) =>
        new(options, backbone ?? CreateBackbone(options, seed: null), seed: null, ownsBackboneAtOnce: backbone is null);

    internal static List<Problem> ValidateBackbone(MadgNetOptions options, IBackbone backbone)
    {
        var problems = new List<Problem>();
        if (backbone is not Module)
        {
            problems.Add(new Problem(
                "backbone",
                $"{backbone.GetType().Name}, which is no torch.nn.Module",
                "a class derived from torch.nn.Module that implements IBackbone",
                "Derive the encoder from torch.nn.Module and register its parameters"));
        }

        bool matches = options.Backbone == backbone switch
        {
            ResNeStBackbone => BackboneKind.ResNeSt50,
            ResNetBackbone { Depth: ResNetDepth.ResNet50 } => BackboneKind.ResNet50,
            Res2NetBackbone => BackboneKind.Res2Net50,
            _ => BackboneKind.Custom,
        };
        if (!matches)
        {
            problems.Add(new Problem(nameof(MadgNetOptions.Backbone), $"{options.Backbone} with a {backbone.GetType().Name}", "the kind of the encoder that is passed", "Set Backbone to Custom for an encoder of your own"));
        }

        if (options.InputChannels != backbone.InputChannels && !(options.InputChannels == 1 && backbone.InputChannels == 3))
        {
            problems.Add(new Problem("backbone.InputChannels", $"{backbone.InputChannels}", $"the options' {options.InputChannels}", "Make InputChannels of options and encoder equal"));
        }

        if (options.Normalization == InputNormalization.ImageNet && backbone.InputChannels != 3)
        {
            problems.Add(new Problem("backbone.InputChannels", $"{backbone.InputChannels} with ImageNet normalisation", "3, the channels that ImageNet's mean and deviation are known for", "Choose InputNormalization.None or an encoder for three channels"));
        }

        if (options.DecoderChannels is not null)
        {
            problems.AddRange(ValidateLevels(options, backbone.Levels));
        }

        return problems;
    }

    private static List<Problem> ValidateLevels(MadgNetOptions options, IReadOnlyList<FeatureLevel>? levels)
    {
        var problems = new List<Problem>();
        if (levels is null || levels.Count != options.DecoderChannels.Count + 1)
        {
            problems.Add(new Problem("backbone.Levels", $"{levels?.Count ?? 0} levels", $"{options.DecoderChannels.Count + 1}, one more than DecoderChannels has stages", "Change DecoderChannels or the encoder's levels"));
            return problems;
        }

        string all = string.Join(", ", levels.Select(level => $"{level.Channels} channels /{level.Stride}"));
        if (levels.Any(level => level.Channels < 1 || level.Stride < 1))
        {
            problems.Add(new Problem("backbone.Levels", all, "positive channels and strides", "Declare what Encode returns"));
            return problems;
        }

        for (int i = 1; i < levels.Count; i++)
        {
            if (levels[i].Stride % levels[i - 1].Stride != 0)
            {
                problems.Add(new Problem("backbone.Levels", all, "strides that rise from the finest level to the deepest, each dividing the next", "Order the levels by stride, the finest first"));
                break;
            }
        }

        return problems;
    }

    private static MultiFrequencyMultiScaleOptions StageAttention(MadgNetOptions options, int stage) =>
        options.DctSizes.Count == 0 ? options.Attention : options.Attention with { DctSize = options.DctSizes[stage] };

    private void CreateDecoder(long? seed)
    {
        long deepChannels = Backbone.Levels[^1].Channels;
        for (int i = 0; i < _stages.Length; i++)
        {
            FeatureLevel level = Backbone.Levels[_stages.Length - 1 - i];
            int channels = Options.DecoderChannels[i];
            _skips[i] = Layers.ConvolutionBlock(level.Channels, Options.SkipChannels, kernel: 1, bias: true);
            _stages[i] = new DecoderStage(deepChannels, Options.SkipChannels, channels, StageAttention(Options, i));
            _subDecoders[i] = Options.SubDecoder == SubDecoderKind.Ensemble
                ? new EnsembleSubDecoder(channels, Options.Labels, level.Stride)
                : new ParallelSubDecoder(channels, Options.Labels, level.Stride);
            if (seed is { } value)
            {
                WeightInitialization.Apply(_skips[i], value, prefix: $"{AuthorNames.SkipConnection}{i + 1}.");
                WeightInitialization.Apply(_stages[i], value, prefix: $"{AuthorNames.DecoderStage}{i + 1}.");
                WeightInitialization.Apply(_subDecoders[i], value, prefix: $"{AuthorNames.SubDecoder}{i + 1}.");
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
            using (AttentionRecorder.Enter(AuthorNames.DecoderStage, i + 1))
            {
                features = _stages[i].call(features, skip);
            }

            if (maps is not null)
            {
                using var step = AttentionRecorder.Enter(AuthorNames.SubDecoder, i + 1);
                maps.Add(_subDecoders[i].call(features));
            }
        }

        return features;
    }

    private IReadOnlyList<Tensor> Encode(DisposeScope scope, Tensor input)
    {
        IReadOnlyList<Tensor> levels = BackboneLevels.Encode(Backbone, scope, Prepare(input));
        for (int i = 0; i < _skips.Length; i++)
        {
            Guard.Normalizable(training, levels[i].size(0), levels[i].size(2), levels[i].size(3), $"{nameof(MadgNetModel)} skip connection of level {i}");
        }

        return levels;
    }

    private Tensor Prepare(Tensor input)
    {
        Parameter weight = AnyWeight;
        return ImageInput.Prepare(input, Backbone.InputChannels, Stride, Options.Normalization, weight.dtype, weight.device, nameof(MadgNetModel));
    }
}
