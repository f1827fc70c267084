using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Runtime;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>
/// Builds a <see cref="MadgNetModel"/> step by step. Every call sets one thing that <see cref="MadgNetOptions"/> or a constructor of
/// the model also takes, so you can build the same by hand.
/// </summary>
/// <remarks>
/// <para>Without any call it builds the published configuration. <see cref="Build()"/> checks everything together and reports all
/// problems at once.</para>
/// <para>A builder never changes. Every call returns another builder, as the calls of a recipe do, so one builder can be the start of
/// several. Keep what a call returns. Each build returns a new model. An encoder of your own can only be part of one model.</para>
/// </remarks>
/// <example>
/// <code>
/// using MadgNetModel model = new MadgNetBuilder()
///     .WithEncoder(EncoderNames.ResNeSt50)
///     .WithLabels("cup", "disc")
///     .WithAttention(attention => attention with { Frequencies = 8 })
///     .WithSeed(42)
///     .Build();
/// </code>
/// </example>
public sealed class MadgNetBuilder
{
    private readonly MadgNetOptions _options;

    /// <summary>Starts from the published configuration.</summary>
    public MadgNetBuilder()
        : this(new MadgNetOptions())
    {
    }

    /// <summary>Starts from given options.</summary>
    /// <param name="options">The options to start from.</param>
    public MadgNetBuilder(MadgNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    private MadgNetBuilder(MadgNetBuilder from, MadgNetOptions options)
    {
        _options = options;
        Brought = from.Brought;
        Registry = from.Registry;
        Seed = from.Seed;
        Device = from.Device;
        Weights = from.Weights;
        Logger = from.Logger;
    }

    private BroughtEncoder? Brought { get; init; }

    private ModelRegistry Registry { get; init; } = ModelRegistry.BuiltIn;

    private long Seed { get; init; }

    private (DeviceType Type, int Index) Device { get; init; } = (DeviceType.CPU, -1);

    private (string Path, WeightLoadOptions Options)? Weights { get; init; }

    private ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Sets the registry in which the names of parts are looked up.</summary>
    /// <param name="registry">The registry. Default: <see cref="ModelRegistry.BuiltIn"/>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithRegistry(ModelRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new MadgNetBuilder(this, _options) { Registry = registry };
    }

    /// <summary>Chooses an encoder by its name.</summary>
    /// <param name="name">The encoder's name in the registry, for example <see cref="EncoderNames.ResNet18"/>. Default:
    /// <see cref="EncoderNames.ResNeSt50"/>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithEncoder(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new MadgNetBuilder(this, _options with { Encoder = name }) { Brought = null };
    }

    /// <summary>Uses an encoder of your own.</summary>
    /// <typeparam name="TEncoder">A module that implements <see cref="IEncoder"/>.</typeparam>
    /// <param name="encoder">The encoder. The model owns it after a successful build.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithEncoder<TEncoder>(TEncoder encoder)
        where TEncoder : nn.Module, IEncoder
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return new MadgNetBuilder(this, _options with { Encoder = EncoderNames.Custom }) { Brought = new BroughtEncoder(encoder) };
    }

    /// <summary>Sets the number of labels, unnamed.</summary>
    /// <param name="count">n, 1 or more. Default: 1.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithLabels(int count) => With(_options with { Labels = count, LabelNames = [] });

    /// <summary>Sets the labels by their names.</summary>
    /// <param name="names">One distinct name for each label.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithLabels(params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return With(_options with { Labels = names.Count, LabelNames = [.. names] });
    }

    /// <summary>Sets the channels of the images.</summary>
    /// <param name="channels">1 or more. Default: 3; with 1 or 3 a single-channel image is repeated.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithInputChannels(int channels) => With(_options with { Input = _options.Input with { Channels = channels } });

    /// <summary>Changes what the network expects of images.</summary>
    /// <param name="change">Returns the changed input, for example <c>input => input with { Scaling = IntensityScaling.MinMax
    /// }</c>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithInput(Func<ModelInput, ModelInput> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return With(_options with { Input = change(_options.Input) });
    }

    /// <summary>Sets what the network expects of images.</summary>
    /// <param name="input">The input.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithInput(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return With(_options with { Input = input });
    }

    /// <summary>Chooses the attentions inside the block of every decoder stage by their names.</summary>
    /// <param name="channel">The channel attention's name in the registry. Default: <see cref="AttentionNames.Cosine"/>.</param>
    /// <param name="spatial">The spatial attention's name in the registry. Default: <see cref="AttentionNames.MultiScaleSpatial"/>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithAttention(string channel, string spatial)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(spatial);
        return With(_options with { ChannelAttention = channel, SpatialAttention = spatial });
    }

    /// <summary>Changes the attention block of every decoder stage.</summary>
    /// <param name="change">Returns the changed options, for example <c>attention => attention with { Scales = 2 }</c>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithAttention(Func<MultiFrequencyMultiScaleOptions, MultiFrequencyMultiScaleOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return With(_options with { Attention = change(_options.Attention) });
    }

    /// <summary>Sets the widths of the decoder stages, deepest first.</summary>
    /// <param name="channels">One width a stage. Default: 256, 128, 64, 32.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithDecoder(params IReadOnlyList<int> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        return With(_options with { DecoderChannels = [.. channels] });
    }

    /// <summary>Chooses the sub-decoder of every stage by its name.</summary>
    /// <param name="name">The sub-decoder's name in the registry. Default: <see cref="SubDecoderNames.Ensemble"/>.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithSubDecoder(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return With(_options with { SubDecoder = name });
    }

    /// <summary>Sets the momentum of batch normalisation.</summary>
    /// <param name="momentum">Above 0, at most 1. Default: 0.1; short trainings on small sets do better with 0.3.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithBatchNormMomentum(double momentum) => With(_options with { BatchNormMomentum = momentum });

    /// <summary>Changes any option, also those without a call of their own.</summary>
    /// <param name="change">Returns the changed options.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder Configure(Func<MadgNetOptions, MadgNetOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return With(
            change(_options)
                ?? throw new ArgumentException(
                    "Received a function that returned null; expected changed options. Return options with { … }.", nameof(change)));
    }

    /// <summary>Sets the seed that fresh weights follow from.</summary>
    /// <param name="seed">Any number. Default: 0.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithSeed(long seed) => new(this, _options) { Seed = seed };

    /// <summary>Loads weights after building: every tensor of the model and of the file.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithWeights(string path) => WithWeights(path, new WeightLoadOptions());

    /// <summary>Loads weights after building.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint.</param>
    /// <param name="mode">How much of the model the file must fill: everything, the encoder, or all that fits.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithWeights(string path, WeightLoadMode mode) =>
        WithWeights(path, new WeightLoadOptions { Mode = mode });

    /// <summary>Loads weights after building, under names of another code base or for another number of channels.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint.</param>
    /// <param name="options">How much of the model the file must fill, and how its names change.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithWeights(string path, WeightLoadOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        return new MadgNetBuilder(this, _options) { Weights = (path, options) };
    }

    /// <summary>
    /// Starts from an encoder that has learned before. It sets the encoder, the way it takes images, and its weights together. The seed
    /// decides the decoder's weights.
    /// </summary>
    /// <param name="pretrained">The encoder, for example <c>ResNet18Weights.ImageNet</c> of the package MadgNet.Pretrained.ResNet18, or
    /// <see cref="PretrainedEncoder.FromFile"/>.</param>
    /// <returns>The changed builder.</returns>
    /// <exception cref="InvalidOptionsException">The weights are not where they should be; lists all problems.</exception>
    public MadgNetBuilder WithPretrained(PretrainedEncoder pretrained)
    {
        ArgumentNullException.ThrowIfNull(pretrained);
        InvalidOptionsException.ThrowIfAny(nameof(PretrainedEncoder), pretrained.Validate());
        return new MadgNetBuilder(this, (MadgNetOptions)pretrained.ApplyTo(_options))
        {
            Brought = null,
            Weights = (pretrained.Weights, new WeightLoadOptions { Mode = WeightLoadMode.Encoder }),
        };
    }

    /// <summary>Sets the device of the model. Building checks whether the process has this device.</summary>
    /// <param name="type">CPU, CUDA or another kind of device. Default: CPU.</param>
    /// <param name="index">Which one of that kind, from 0; −1 for the current one.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder OnDevice(DeviceType type, int index = -1) => new(this, _options) { Device = (type, index) };

    /// <summary>Sets the logger of the build.</summary>
    /// <param name="logger">The logger. Default: none.</param>
    /// <returns>The changed builder.</returns>
    public MadgNetBuilder WithLogger(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return new MadgNetBuilder(this, _options) { Logger = logger };
    }

    /// <summary>Checks everything and builds the model.</summary>
    /// <returns>The model, in training mode. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="WeightFileException">The weight file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The weight file does not fill the model as asked; lists all that is wrong.</exception>
    /// <exception cref="InvalidOperationException">Your own encoder is part of another model already.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; says why.</exception>
    public MadgNetModel Build() => Build(out _);

    /// <summary>Checks everything, builds the model and reports what was loaded.</summary>
    /// <param name="weightReport">What was loaded from the weight file; null when no file was set.</param>
    /// <returns>The model, in training mode. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="WeightFileException">The weight file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The weight file does not fill the model as asked; lists all that is wrong.</exception>
    /// <exception cref="InvalidOperationException">Your own encoder is part of another model already.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded; says why.</exception>
    public MadgNetModel Build(out WeightLoadReport? weightReport)
    {
        NativeRuntime.EnsureAvailable();
        InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), Validate());

        // From here on the model owns an encoder that was brought, and disposes it with itself when loading fails.
        var model = new MadgNetModel(_options, Brought?.Take(), Registry, Seed);
        try
        {
            weightReport = Weights is { } weights ? model.LoadWeights(weights.Path, weights.Options) : null;
            if (Device.Type != DeviceType.CPU)
            {
                model.to(Device.Type, Device.Index);
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        if (Logger.IsEnabled(LogLevel.Information))
        {
            Logger.LogInformation(
                "Built MADGNet with {Parameters} parameters on {Device}, encoder {Encoder}, {Labels} label(s)",
                model.ParameterCount,
                model.Device,
                _options.Encoder,
                _options.Labels);
            if (weightReport is not null)
            {
                Logger.LogInformation("Loaded weights: {Report}", weightReport);
            }
        }

        return model;
    }

    /// <summary>Everything that prevents building; empty when nothing does. Builds nothing.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        List<Problem> problems = [.. _options.Validate(Registry, Brought is not null)];
        if (Brought is not null && _options.Input is not null)
        {
            problems.AddRange(MadgNetModel.ValidateEncoder(_options, Brought.Encoder));
        }

        problems.AddRange(Weights?.Options.Validate() ?? []);
        if (Weights is { } weights && !File.Exists(weights.Path))
        {
            problems.Add(new Problem(
                "weights",
                $"the path '{weights.Path}', where there is no file",
                "an existing safetensors file or PyTorch checkpoint",
                "Correct the path, or leave the weights out to start from fresh ones"));
        }

        if (Device.Type == DeviceType.CUDA)
        {
            NativeRuntime.EnsureAvailable();
        }

        if (Device.Type == DeviceType.CUDA && !cuda.is_available())
        {
            problems.Add(new Problem(
                "device",
                "CUDA, which this process cannot use",
                "a device that is available",
                "Reference a CUDA backend package and install the driver, or build on the CPU"));
        }

        return problems;
    }

    private MadgNetBuilder With(MadgNetOptions options) => new(this, options);

    /// <summary>An encoder of your own, which a single model can own; copies of a builder share it.</summary>
    private sealed class BroughtEncoder(IEncoder encoder)
    {
        private bool _taken;

        public IEncoder Encoder { get; } = encoder;

        public IEncoder Take()
        {
            if (_taken)
            {
                throw new InvalidOperationException(
                    "Received a builder whose encoder is part of another model; expected an encoder of its own for each model. Bring "
                        + "another one with WithEncoder, or register it by a name.");
            }

            _taken = true;
            return Encoder;
        }
    }
}
