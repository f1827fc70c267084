using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Models;

/// <summary>
/// An encoder that has learned before: which one it is, where its weights lie, and how it takes images. The three go together: weights that
/// see another range of values or another order of colours than they learned on are worth little, and nothing tells.
/// </summary>
/// <remarks>
/// The package MadgNet.Pretrained.ResNet18 gives one, <see cref="FromFile(string)"/> makes one of a file of torchvision or timm. Builders
/// take it with <see cref="MadgNetBuilder.WithPretrained"/>, recipes with
/// <see cref="MadgNet.Core.Training.Recipes.Recipe.WithPretrained"/>. Nothing is downloaded.
/// </remarks>
public sealed record PretrainedEncoder
{
    /// <summary>The name of the licence among the notes of a run.</summary>
    internal const string LicenceNote = "pretrained weights, licence";

    /// <summary>The name of the source among the notes of a run.</summary>
    internal const string SourceNote = "pretrained weights, source";

    /// <summary>The name of what the weights have learned on among the notes of a run.</summary>
    internal const string TrainedOnNote = "pretrained weights, trained on";

    /// <summary>The key of the licence in the metadata of a weight file.</summary>
    internal const string LicenceKey = "licence";

    /// <summary>The key of the origin in the metadata of a weight file.</summary>
    internal const string SourceKey = "source";

    /// <summary>The key of what the weights have learned on in the metadata of a weight file.</summary>
    internal const string TrainedOnKey = "trained on";

    /// <summary>
    /// How CNTK's ResNet-18 takes images: BGR, 0 to 255, minus the averages of the mean image that its preprocessing subtracts.
    /// </summary>
    private static readonly ModelInput CntkInput = new()
    {
        ChannelOrder = ChannelOrder.Bgr,
        ValueRange = ValueRange.ZeroTo255,
        Mean = [103.0626, 115.9029, 123.1516],
    };

    /// <summary>The encoder, by its name in a <see cref="ModelRegistry"/>, for example <see cref="EncoderNames.ResNet18Cntk"/>.</summary>
    public required string Encoder { get; init; }

    /// <summary>The path of the weights: safetensors or a PyTorch file, of the encoder or of a network that has it.</summary>
    public required string Weights { get; init; }

    /// <summary>
    /// How the encoder takes images: order of channels, range, mean and deviation. What an input says of files (channels, windows, size) is
    /// the network's own and not taken from here. Default: 0..1, RGB.
    /// </summary>
    public ModelInput Input { get; init; } = new();

    /// <summary>The licence of the weights; null where it is not known.</summary>
    public string? Licence { get; init; }

    /// <summary>Where the weights come from; null where it is not known.</summary>
    public string? Source { get; init; }

    /// <summary>What the weights have learned on; null where it is not known.</summary>
    public string? TrainedOn { get; init; }

    /// <summary>
    /// Weights that have learned on ImageNet, from a file of torchvision or timm, with the normalisation that both use, or of the package
    /// MadgNet.Pretrained.ResNet18, with its own. Which encoder it is, names and shapes in the file say; licence and source, the texts
    /// <c>licence</c>, <c>source</c> and <c>trained on</c> beside them, where the file has these.
    /// </summary>
    /// <param name="path">A safetensors file or a PyTorch file.</param>
    /// <returns>The encoder with its weights.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused, or is none of an encoder of this library:
    /// the message says what it looks like.</exception>
    public static PretrainedEncoder FromFile(string path)
    {
        using WeightArchive archive = WeightArchive.Open(path);
        RecognizedEncoder? found = RecognizedEncoder.Of(archive);
        return found?.Encoder is { } encoder
            ? ImageNet(encoder, path) with
            {
                Licence = archive.Metadata.GetValueOrDefault(LicenceKey),
                Source = archive.Metadata.GetValueOrDefault(SourceKey),
                TrainedOn = archive.Metadata.GetValueOrDefault(TrainedOnKey),
            }
            : throw new WeightFileException(
                path,
                new Problem(
                    $"Weight file '{path}'",
                    found is null ? "tensors of no encoder that is known" : $"a file that looks like {found.Description}",
                    $"the weights of {string.Join(", ", RecognizedEncoder.Encoders)}",
                    "Choose a file of one of these encoders; for an encoder of your own register an EncoderEntry that brings its weights"));
    }

    /// <summary>
    /// Weights of an encoder that have learned on ImageNet, with the normalisation of torchvision and timm; for
    /// <see cref="EncoderNames.ResNet18Cntk"/> with CNTK's.
    /// </summary>
    /// <param name="encoder">The encoder's name, for example <see cref="EncoderNames.ResNet34"/>.</param>
    /// <param name="path">A safetensors file or a PyTorch file.</param>
    /// <returns>The encoder with its weights; the file is looked at when a network is built.</returns>
    public static PretrainedEncoder ImageNet(string encoder, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(encoder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new PretrainedEncoder
        {
            Encoder = encoder,
            Weights = path,
            Input = encoder == EncoderNames.ResNet18Cntk
                ? CntkInput
                : new ModelInput { Normalization = InputNormalization.ImageNet },
        };
    }

    /// <summary>What is known of licence and origin, for <see cref="MadgNet.Core.Training.Reporting.RunFolderOptions.Notes"/>.</summary>
    /// <returns>Texts by their names; empty where nothing is known.</returns>
    public IReadOnlyDictionary<string, string> Notes()
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string? value) in new[]
        {
            (SourceNote, Source),
            (LicenceNote, Licence),
            (TrainedOnNote, TrainedOn),
        })
        {
            if (value is not null)
            {
                notes.Add(key, value);
            }
        }

        return notes;
    }

    /// <summary>Everything that is wrong; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(Encoder))
        {
            problems.Add(new Problem(nameof(Encoder), $"'{Encoder}'", "the name of an encoder", "Use a name of EncoderNames"));
        }

        if (string.IsNullOrWhiteSpace(Weights) || !File.Exists(Weights))
        {
            problems.Add(new Problem(
                nameof(Weights), $"the path '{Weights}', where there is no file", "an existing weight file", "Correct the path"));
        }

        if (Input is null)
        {
            problems.Add(new Problem(nameof(Input), "null", "an input", "Leave the default or set one"));
        }

        return problems;
    }

    /// <summary>Options of a network with this encoder, and with its way to take images; all else stays.</summary>
    /// <param name="network"><see cref="MadgNetOptions"/> or <see cref="UNetOptions"/>.</param>
    /// <returns>The changed options.</returns>
    /// <exception cref="InvalidOptionsException">The network is of a kind that names no encoder.</exception>
    public NetworkOptions ApplyTo(NetworkOptions network)
    {
        ArgumentNullException.ThrowIfNull(network);
        ModelInput input = ApplyTo(network.Input);
        return network switch
        {
            MadgNetOptions madgNet => madgNet with { Encoder = Encoder, Input = input },
            UNetOptions unet => unet with { Encoder = Encoder, Input = input },
            _ => throw new InvalidOptionsException(nameof(PretrainedEncoder), [new Problem(
                "network",
                $"{network.GetType().Name}",
                $"{nameof(MadgNetOptions)} or {nameof(UNetOptions)}, which name their encoder",
                "Set encoder, input and weights of a network of your own by hand")]),
        };
    }

    /// <summary>A network's input with the encoder's order of channels, range, mean and deviation.</summary>
    /// <param name="input">What the network expects of files.</param>
    /// <returns>The changed input.</returns>
    public ModelInput ApplyTo(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input with
        {
            ChannelOrder = Input.ChannelOrder,
            ValueRange = Input.ValueRange,
            Mean = Input.Mean,
            StandardDeviation = Input.StandardDeviation,
            Normalization = Input.Normalization,
        };
    }
}
