using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Models;

/// <summary>
/// What a <see cref="MadgNetModel"/> is made of. Immutable; the defaults are the published configuration; saved with
/// every model, so that a file needs nothing else to be loaded.
/// </summary>
public sealed record MadgNetOptions : NetworkOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,

        // Equality goes through JSON, also of options that Validate has not seen.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>
    /// The encoder, by its name in a <see cref="ModelRegistry"/>; <see cref="EncoderNames.Custom"/> for one that is handed over as an
    /// object. Default <see cref="EncoderNames.ResNeSt50"/>.
    /// </summary>
    public string Encoder { get; init; } = EncoderNames.ResNeSt50;

    /// <summary>
    /// The channel attention inside <see cref="Attention"/>, by its name in a <see cref="ModelRegistry"/>. Default
    /// <see cref="AttentionNames.Cosine"/>, as published.
    /// </summary>
    public string ChannelAttention { get; init; } = AttentionNames.Cosine;

    /// <summary>
    /// The spatial attention inside <see cref="Attention"/>, by its name in a <see cref="ModelRegistry"/>. Default
    /// <see cref="AttentionNames.MultiScaleSpatial"/>, as published.
    /// </summary>
    public string SpatialAttention { get; init; } = AttentionNames.MultiScaleSpatial;

    /// <summary>What the attention block of every decoder stage is made of.</summary>
    public MultiFrequencyMultiScaleOptions Attention { get; init; } = new();

    /// <summary>
    /// The DCT size of each decoder stage, deepest first, or empty for <see cref="MultiFrequencyMultiScaleOptions.DctSize"/> of
    /// <see cref="Attention"/>, whose default gives the published 14, 28, 56, 112. Default empty.
    /// </summary>
    public IReadOnlyList<int> DctSizes { get; init => field = Copy(value); } = [];

    /// <summary>The channels that every skip connection is narrowed to; 1 or more. Default 64.</summary>
    public int SkipChannels { get; init; } = 64;

    /// <summary>
    /// The channels of each decoder stage, deepest first; one fewer than the encoder has levels. Default 256, 128, 64, 32.
    /// </summary>
    public IReadOnlyList<int> DecoderChannels { get; init => field = Copy(value); } = [256, 128, 64, 32];

    /// <summary>
    /// The sub-decoder of every stage, by its name in a <see cref="ModelRegistry"/>. Default <see cref="SubDecoderNames.Ensemble"/>.
    /// </summary>
    public string SubDecoder { get; init; } = SubDecoderNames.Ensemble;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Architecture => MadgNetModel.ArchitectureName;

    /// <summary>Reads options that <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The options, validated.</returns>
    /// <exception cref="InvalidOptionsException">The text is no such JSON, or holds options that cannot be built from.</exception>
    public static MadgNetOptions FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        MadgNetOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<MadgNetOptions>(json, Json);
        }
        catch (JsonException exception)
        {
            throw new InvalidOptionsException(nameof(MadgNetModel), [new Problem(
                "options JSON",
                $"text that cannot be read ({exception.Message.TrimEnd('.')})",
                "the options as MadgNetOptions.ToJson writes them",
                "Load a file that this library, in this version or an older one, has saved")]);
        }

        List<Problem> problems = options is null
            ? [new Problem("options JSON", "null", "an object", "Load a file that this library has saved")]
            : [.. options.Validate()];
        InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), problems);
        return options!;
    }

    /// <summary>The options as JSON, for saving beside weights.</summary>
    /// <returns>One line of JSON.</returns>
    public override string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Everything that is wrong with these options on their own, names looked up in a registry; empty when nothing is.</summary>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <returns>The problems. Whether an encoder of your own fits is checked when the model is built.</returns>
    public override IReadOnlyList<Problem> Validate(ModelRegistry registry) => Validate(registry, encoderIsGiven: false);

    internal IReadOnlyList<Problem> Validate(ModelRegistry registry, bool encoderIsGiven)
    {
        ArgumentNullException.ThrowIfNull(registry);
        List<Problem> problems = [.. Validate()];
        if (!encoderIsGiven && Encoder == EncoderNames.Custom)
        {
            problems.Add(new Problem(
                nameof(Encoder),
                "custom without an encoder",
                string.Join(", ", registry.Encoders.Select(entry => entry.Name)) + ", or an encoder of your own",
                "Pass your IEncoder to the constructor, to MadgNetBuilder.WithEncoder or to MadgNetModel.Load, or register it"));
        }
        else if (!encoderIsGiven)
        {
            registry.Find<EncoderEntry>(problems, nameof(Encoder), Encoder);
        }

        registry.Find<ChannelAttentionEntry>(problems, nameof(ChannelAttention), ChannelAttention);
        registry.Find<SpatialAttentionEntry>(problems, nameof(SpatialAttention), SpatialAttention);
        registry.Find<SubDecoderEntry>(problems, nameof(SubDecoder), SubDecoder);
        return problems;
    }

    /// <summary>Everything that is wrong with these options whatever the registry; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(SkipChannels), SkipChannels, 1);
        foreach ((string name, object? value) in new (string, object?)[]
        {
            (nameof(Encoder), Encoder),
            (nameof(ChannelAttention), ChannelAttention),
            (nameof(SpatialAttention), SpatialAttention),
            (nameof(SubDecoder), SubDecoder),
            (nameof(Input), Input),
            (nameof(Attention), Attention),
            (nameof(LabelNames), LabelNames),
            (nameof(DctSizes), DctSizes),
            (nameof(DecoderChannels), DecoderChannels),
        }.Where(part => part.Item2 is null))
        {
            problems.Add(new Problem(name, "null", "a value", "Leave the default or set a value"));
        }

        if (Input is null || Attention is null || LabelNames is null || DctSizes is null || DecoderChannels is null)
        {
            return problems;
        }

        problems.AddRange(ValidateCommon());
        problems.AddRange(Attention.Validate().Select(problem => problem with { Subject = $"{nameof(Attention)}.{problem.Subject}" }));
        CheckLists(problems);
        return problems;
    }

    /// <inheritdoc/>
    public override SegmentationModel Build(ModelRegistry registry, long seed) => new MadgNetModel(this, registry, seed);

    /// <summary>Whether two options describe the same model; lists are compared by their items.</summary>
    /// <param name="other">The other options.</param>
    /// <returns>True when every option is equal.</returns>
    public bool Equals(MadgNetOptions? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    private void CheckLists(List<Problem> problems)
    {
        if (DecoderChannels.Count == 0 || DecoderChannels.Any(channels => channels < 1))
        {
            problems.Add(new Problem(
                nameof(DecoderChannels),
                $"[{string.Join(", ", DecoderChannels)}]",
                "at least one stage, each with one channel or more",
                "Use 256, 128, 64, 32 as published, or your own widths"));
        }

        if (DctSizes.Count != 0
            && (DctSizes.Count != DecoderChannels.Count
                || DctSizes.Any(size => size is < FrequencyTable.GridSize or > DctBasis.LargestSize)))
        {
            problems.Add(new Problem(
                nameof(DctSizes),
                $"[{string.Join(", ", DctSizes)}] for {DecoderChannels.Count} stages",
                "no sizes, or one of 7 to 1024 for each stage",
                "Leave DctSizes empty for the published rule"));
        }
    }
}
