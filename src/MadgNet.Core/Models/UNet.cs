using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Models;

/// <summary>
/// A U-Net (Ronneberger et al., MICCAI 2015, arXiv 1505.04597): the classic five levels, or any encoder under the same expanding
/// path; with attention in each level of that path where it is asked for. It is what MADGNet is compared with.
/// </summary>
/// <remarks>
/// One stage of maps, the region alone unless another sub-decoder is chosen. State-dict names: <c>feature_encoding.*</c> (as in MADGNet, so
/// that encoders' weights load alike), <c>decoder1.*</c>
/// (deepest) …, <c>head.*</c>. Owns its encoder.
/// </remarks>
public sealed class UNet : SegmentationModel
{
    /// <summary>The name of this kind of network in files and registries.</summary>
    public const string ArchitectureName = "unet";

    private const string EncoderName = MadgNetNames.Encoder;
    private const string EncoderPrefix = MadgNetNames.EncoderPrefix;
    private const string LevelName = "decoder";
    private const string HeadName = "head";

    private readonly UNetDecoderLevel[] _levels;
    private readonly SubDecoder _head;

    /// <summary>Creates the classic network with fresh weights from the seed 0.</summary>
    public UNet()
        : this(new UNetOptions())
    {
    }

    /// <summary>Creates a network of this library's parts with fresh weights from the seed 0.</summary>
    /// <param name="options">What it is made of.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public UNet(UNetOptions options)
        : this(options, seed: 0)
    {
    }

    /// <summary>Creates a network of this library's parts with fresh weights.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="seed">The seed that all weights follow from.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public UNet(UNetOptions options, long seed)
        : this(options, null, ModelRegistry.BuiltIn, seed)
    {
    }

    /// <summary>Creates a network of named parts, this library's and the host's, with fresh weights from the seed 0.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public UNet(UNetOptions options, ModelRegistry registry)
        : this(options, registry, seed: 0)
    {
    }

    /// <summary>Creates a network of named parts, this library's and the host's, with fresh weights.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <param name="seed">The seed that the weights follow from; those of an encoder whose entry does not draw them stay.</param>
    /// <exception cref="InvalidOptionsException">The options cannot be built from; lists all problems.</exception>
    public UNet(UNetOptions options, ModelRegistry registry, long seed)
        : this(options, null, registry, seed)
    {
    }

    /// <summary>Creates a network on an encoder of your own, whose weights stay as they are.</summary>
    /// <param name="options">What the rest is made of; <see cref="UNetOptions.Encoder"/> is <see cref="EncoderNames.Custom"/>.</param>
    /// <param name="encoder">The encoder, a <see cref="Module"/>. The network owns it once it is constructed.</param>
    /// <param name="seed">The seed that the decoder's weights follow from.</param>
    /// <exception cref="InvalidOptionsException">Options and encoder do not fit each other; lists all problems.</exception>
    public UNet(UNetOptions options, IEncoder encoder, long seed)
        : this(options, encoder ?? throw new ArgumentNullException(nameof(encoder)), ModelRegistry.BuiltIn, seed)
    {
    }

    internal UNet(UNetOptions options, IEncoder? encoder, ModelRegistry registry, long? seed)
        : base(nameof(UNet))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(registry);
        InvalidOptionsException.ThrowIfAny(nameof(UNet), options.Validate(registry, encoder is not null));
        bool owns = encoder is null;
        encoder ??= NetworkParts.CreateEncoder(registry.Get<EncoderEntry>(options.Encoder), options.Input, seed, EncoderPrefix);
        Options = options;
        Encoder = encoder;
        UNetDecoderLevel?[] levels = [];
        SubDecoder? head = null;
        try
        {
            InvalidOptionsException.ThrowIfAny(nameof(UNet), Validate(options, encoder));
            IReadOnlyList<int> widths = options.WidthsFor(encoder.Levels.Count);
            levels = new UNetDecoderLevel?[widths.Count];
            long deep = encoder.Levels[^1].Channels;
            for (int i = 0; i < levels.Length; i++)
            {
                levels[i] = CreateLevel(registry, deep, encoder.Levels[levels.Length - 1 - i], widths[i]);
                deep = widths[i];
            }

            head = registry.Get<SubDecoderEntry>(options.SubDecoder).Create(deep, options.Labels, encoder.Levels[0].Stride);
            for (int i = 0; i < levels.Length && seed is not null; i++)
            {
                WeightInitialization.Apply(levels[i]!, seed.Value, WeightInitializationScheme.NormalFanOut, $"{LevelName}{i + 1}.");
            }

            if (seed is { } value)
            {
                WeightInitialization.Apply(head, value, prefix: HeadName + ".");
            }
        }
        catch
        {
            foreach (Module? part in (Module?[])[.. levels, head, owns ? encoder as Module : null])
            {
                part?.Dispose();
            }

            throw;
        }

        _levels = levels!;
        _head = head;
        register_module(EncoderName, (Module)encoder);
        for (int i = 0; i < _levels.Length; i++)
        {
            register_module($"{LevelName}{i + 1}", _levels[i]);
        }

        register_module(HeadName, _head);
        NetworkParts.SetMomentum(this, options.BatchNormMomentum);
    }

    /// <summary>What the network is made of.</summary>
    public UNetOptions Options { get; }

    /// <summary>The encoder.</summary>
    public IEncoder Encoder { get; }

    /// <summary>The levels of the expanding path, deepest first.</summary>
    public IReadOnlyList<UNetDecoderLevel> DecoderLevels => _levels;

    /// <summary>The sub-decoder behind the last level.</summary>
    public SubDecoder SubDecoder => _head;

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
    public override SupervisionTasks Tasks => _head.HasAuxiliaryMaps ? SupervisionTasks.All : SupervisionTasks.Region;

    /// <inheritdoc/>
    public override string Description =>
        $"U-Net (Ronneberger et al., MICCAI 2015), encoder {Options.Encoder}, channel attention {Options.ChannelAttention}, spatial "
            + $"attention {Options.SpatialAttention}, sub-decoder {Options.SubDecoder}";

    /// <inheritdoc/>
    protected override Parameter? FirstWeight => _head.parameters().FirstOrDefault();

    /// <inheritdoc/>
    public override SegmentationOutput forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = Decode(scope, input);
        TaskMaps maps;
        using (AttentionRecorder.Enter(HeadName))
        {
            maps = _head.call(features);
        }

        scope.MoveToOuter([.. maps.Given]);
        return new SegmentationOutput([maps]);
    }

    /// <inheritdoc/>
    public override Tensor Predict(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return _head.PredictRegion(Decode(scope, input)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Batch normalisation is folded into the convolutions; an encoder of your own is used as it is, and must live as long.
    /// </remarks>
    public override InferenceModel ForInference(InferencePrecision precision = InferencePrecision.Float32) =>
        new FoldedInference(this, precision, Encoder, type => (
            new IFolded?[_levels.Length],
            [.. _levels.Select(level => level.Fold(type))],
            _head.FoldRegion(type)));

    /// <inheritdoc/>
    public override bool IsEncoderParameter(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(EncoderPrefix, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The one stage of maps shows the attention of the last level; those before it are recorded under <c>decoder1.attention</c> ….
    /// </remarks>
    public override string? AttentionPath(int stage) => $"{LevelName}{_levels.Length}.attention";

    /// <inheritdoc/>
    public override string? SubDecoderPath(int stage) => HeadName;

    /// <inheritdoc/>
    public override string OptionsToJson() => Options.ToJson();

    /// <summary>Builds a network from what a file, or a recipe, says of it.</summary>
    internal static UNet Create(ArchitectureContext context) =>
        new(UNetOptions.FromJson(context.Options), null, context.Registry, context.Seed);

    /// <summary>
    /// Compares options that a file claims with the shapes of its tensors, so that no memory is asked for that the file merely
    /// claims. Throws with all that differ.
    /// </summary>
    internal static void Check(string json, WeightArchive archive)
    {
        UNetOptions options = UNetOptions.FromJson(json);
        var problems = new List<Problem>();
        Compare(
            $"{HeadName}.{SubDecoder.RegionHeadName}.weight",
            options.SubDecoder is SubDecoderNames.Region or SubDecoderNames.Ensemble or SubDecoderNames.Parallel ? options.Labels : null);
        int levels = archive.Names.Select(name => name.Split('.')[0])
            .Where(name => name.StartsWith(LevelName, StringComparison.Ordinal))
            .Distinct()
            .Count();
        IReadOnlyList<int> widths = options.WidthsFor(levels + 1);
        if (levels == 0 || widths.Count != levels)
        {
            problems.Add(new Problem(
                $"{archive.Path}, {nameof(UNetOptions.DecoderChannels)}",
                $"options for {widths.Count} decoder levels where the file has {levels}",
                "options that fit the file's own tensors",
                "The file is damaged or was changed: save the model again"));
        }

        for (int i = 0; i < Math.Min(levels, widths.Count); i++)
        {
            Compare($"{LevelName}{i + 1}.up.weight", widths[i]);
        }

        InvalidOptionsException.ThrowIfAny(nameof(UNet), problems);

        void Compare(string name, long? claimed)
        {
            long? stored = archive.Tensors.TryGetValue(name, out TensorInfo? tensor) && tensor.Shape.Count > 0 ? tensor.Shape[0] : null;
            if (claimed is not null && stored != claimed)
            {
                problems.Add(new Problem(
                    archive.Path,
                    stored is null
                        ? $"options that ask for a tensor '{name}', which the file lacks"
                        : $"options that ask for {claimed} where the file's '{name}' has {stored}",
                    "options that fit the file's own tensors",
                    "The file is damaged or was changed: save the model again"));
            }
        }
    }

    private static List<Problem> Validate(UNetOptions options, IEncoder encoder)
    {
        List<Problem> problems = NetworkParts.ValidateEncoder(options.Encoder, options.Input, encoder);
        if (encoder.Levels is not { Count: >= 2 } levels)
        {
            problems.Add(new Problem(
                "encoder.Levels", $"{encoder.Levels?.Count ?? 0} levels", "two or more", "Declare what Encode returns"));
            return problems;
        }

        problems.AddRange(NetworkParts.ValidateLevels(levels));
        if (options.DecoderChannels.Count != 0 && options.DecoderChannels.Count != levels.Count - 1)
        {
            problems.Add(new Problem(
                nameof(UNetOptions.DecoderChannels),
                $"{options.DecoderChannels.Count} widths",
                $"none, or {levels.Count - 1}, one fewer than the encoder has levels",
                "Leave it empty, or state a width for each level"));
        }

        return problems;
    }

    private UNetDecoderLevel CreateLevel(ModelRegistry registry, long deep, FeatureLevel skip, int width)
    {
        ChannelAttention? channels = null;
        SpatialAttention? pixels = null;
        try
        {
            int size = MultiFrequencyMultiScaleOptions.PublishedDctSize(width);
            channels = registry.Get<ChannelAttentionEntry>(Options.ChannelAttention)
                .Create(new ChannelAttentionContext(width, size, Options.Frequencies, Options.Selection));
            pixels = registry.Get<SpatialAttentionEntry>(Options.SpatialAttention).Create(width);
            return new UNetDecoderLevel(deep, skip.Channels, width, channels, pixels);
        }
        catch
        {
            channels?.Dispose();
            pixels?.Dispose();
            throw;
        }
    }

    /// <summary>The features of the last level.</summary>
    private Tensor Decode(DisposeScope scope, Tensor input)
    {
        Parameter weight = FirstWeight ?? parameters().First();
        Tensor image = ImageInput.Prepare(
            input, Encoder.InputChannels, Stride, Input, weight.dtype, weight.device, nameof(UNet));
        IReadOnlyList<Tensor> levels = EncoderLevels.Encode(Encoder, scope, image, EncoderName);
        Tensor features = levels[^1];
        for (int i = 0; i < _levels.Length; i++)
        {
            using var step = AttentionRecorder.Enter(LevelName, i + 1);
            features = _levels[i].call(features, levels[_levels.Length - 1 - i]);
        }

        return features;
    }
}
