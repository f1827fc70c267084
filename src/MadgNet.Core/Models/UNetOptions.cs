using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Models;

/// <summary>
/// What a <see cref="UNet"/> is made of. The defaults are the classic network (Ronneberger et al., MICCAI 2015) with padding and batch
/// normalisation.
/// </summary>
public sealed record UNetOptions : NetworkOptions
{
    private static readonly JsonSerializerOptions Json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>
    /// The encoder, by its name in a <see cref="ModelRegistry"/>; <see cref="EncoderNames.Custom"/> for one that is handed over as an
    /// object. Default <see cref="EncoderNames.UNet"/>, five levels of 64 to 1024 channels.
    /// </summary>
    public string Encoder { get; init; } = EncoderNames.UNet;

    /// <summary>
    /// The channels of each decoder level, deepest first; one fewer than the encoder has levels. Empty, the default, for 512, 256,
    /// 128, 64 on the classic encoder, and 256, 128, 64, 32 … on every other.
    /// </summary>
    public IReadOnlyList<int> DecoderChannels { get; init => field = Copy(value); } = [];

    /// <summary>
    /// The channel attention after the convolutions of each decoder level, by its name. Default <see cref="AttentionNames.None"/>.
    /// </summary>
    public string ChannelAttention { get; init; } = AttentionNames.None;

    /// <summary>The spatial attention after that, by its name. Default <see cref="AttentionNames.None"/>.</summary>
    public string SpatialAttention { get; init; } = AttentionNames.None;

    /// <summary>F, the frequencies of the channel attention; 1 to 32. Default 16.</summary>
    public int Frequencies { get; init; } = 16;

    /// <summary>The ranking that cosine frequencies are taken from. Default <see cref="FrequencySelection.Top"/>.</summary>
    public FrequencySelection Selection { get; init; } = FrequencySelection.Top;

    /// <summary>The sub-decoder behind the last level, by its name. Default <see cref="SubDecoderNames.Region"/>.</summary>
    public string SubDecoder { get; init; } = SubDecoderNames.Region;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Architecture => UNet.ArchitectureName;

    /// <summary>Reads options that <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The options, validated.</returns>
    /// <exception cref="InvalidOptionsException">The text is no such JSON, or holds options that cannot be built from.</exception>
    public static UNetOptions FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        UNetOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<UNetOptions>(json, Json);
        }
        catch (JsonException exception)
        {
            throw Unreadable($"text that cannot be read ({exception.Message.TrimEnd('.')})");
        }

        if (options is null)
        {
            throw Unreadable("null");
        }

        InvalidOptionsException.ThrowIfAny(nameof(UNet), options.Validate());
        return options;
    }

    /// <summary>The options as JSON, for saving beside weights.</summary>
    /// <returns>One line of JSON.</returns>
    public override string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Everything that is wrong with these options whatever the registry; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        foreach ((string name, object? value) in new (string, object?)[]
        {
            (nameof(Encoder), Encoder),
            (nameof(Input), Input),
            (nameof(LabelNames), LabelNames),
            (nameof(DecoderChannels), DecoderChannels),
            (nameof(ChannelAttention), ChannelAttention),
            (nameof(SpatialAttention), SpatialAttention),
            (nameof(SubDecoder), SubDecoder),
        }.Where(part => part.Item2 is null))
        {
            problems.Add(new Problem(name, "null", "a value", "Leave the default or set a value"));
        }

        if (problems.Count > 0)
        {
            return problems;
        }

        Guard.Range(problems, nameof(Frequencies), Frequencies, 1, 32);
        problems.AddRange(Problem.Undefined(nameof(Selection), Selection));
        problems.AddRange(ValidateCommon());
        if (DecoderChannels.Any(channels => channels < 1))
        {
            problems.Add(new Problem(
                nameof(DecoderChannels),
                $"[{string.Join(", ", DecoderChannels)}]",
                "one channel or more in each level",
                "Leave it empty, or use your own widths"));
        }

        return problems;
    }

    /// <summary>Everything that is wrong with these options, names looked up in a registry; empty when nothing is.</summary>
    /// <param name="registry">Where the parts' names are looked up.</param>
    /// <returns>The problems. Whether the encoder fits is checked when the network is built.</returns>
    public override IReadOnlyList<Problem> Validate(ModelRegistry registry) => Validate(registry, encoderIsGiven: false);

    /// <inheritdoc/>
    public override SegmentationModel Build(ModelRegistry registry, long seed) => new UNet(this, registry, seed);

    /// <summary>Whether two options describe the same network; lists are compared by their items.</summary>
    /// <param name="other">The other options.</param>
    /// <returns>True when every option is equal.</returns>
    public bool Equals(UNetOptions? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    internal IReadOnlyList<Problem> Validate(ModelRegistry registry, bool encoderIsGiven)
    {
        ArgumentNullException.ThrowIfNull(registry);
        List<Problem> problems = [.. Validate()];
        if (!encoderIsGiven)
        {
            registry.Find<EncoderEntry>(problems, nameof(Encoder), Encoder);
        }

        registry.Find<ChannelAttentionEntry>(problems, nameof(ChannelAttention), ChannelAttention);
        registry.Find<SpatialAttentionEntry>(problems, nameof(SpatialAttention), SpatialAttention);
        registry.Find<SubDecoderEntry>(problems, nameof(SubDecoder), SubDecoder);
        return problems;
    }

    /// <summary>The widths of the decoder on an encoder of a number of levels.</summary>
    internal IReadOnlyList<int> WidthsFor(int levels)
    {
        const int Widest = 256;
        const int Classic = 512;
        const int Narrowest = 16;
        if (DecoderChannels.Count > 0)
        {
            return DecoderChannels;
        }

        int first = Encoder == EncoderNames.UNet ? Classic : Widest;
        return [.. Enumerable.Range(0, levels - 1).Select(level => Math.Max(Narrowest, first >> level))];
    }

    private static InvalidOptionsException Unreadable(string received) => new(nameof(UNet), [new Problem(
        "options JSON",
        received,
        "the options as UNetOptions.ToJson writes them",
        "Load a file that this library, in this version or an older one, has saved")]);
}
