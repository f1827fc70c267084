using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Inputs;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Backbones;
using MadgNet.Core.Modules.Decoding;

namespace MadgNet.Core.Models;

/// <summary>
/// What a <see cref="MadgNetModel"/> is made of. Immutable; the defaults are the published configuration; saved with
/// every model, so that a file needs nothing else to be loaded.
/// </summary>
public sealed record MadgNetOptions
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

    /// <summary>The encoder. Default <see cref="BackboneKind.ResNeSt50"/>.</summary>
    public BackboneKind Backbone { get; init; } = BackboneKind.ResNeSt50;

    /// <summary>
    /// The channels of the images; 1 or more. Default 3. With 1 or 3 the encoder takes three channels, and a
    /// single-channel image is repeated, as published; any other number is the number that the encoder takes.
    /// </summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>n, the number of labels; 1 or more, one independent sigmoid map each (multi-label, never softmax). Default 1.</summary>
    public int Labels { get; init; } = 1;

    /// <summary>A name for each label, or empty. Default empty.</summary>
    public IReadOnlyList<string> LabelNames { get; init => field = Copy(value); } = [];

    /// <summary>How the intensities of image files are scaled before they reach the model. Default <see cref="IntensityScaling.FullRange"/>.</summary>
    public IntensityScaling IntensityScaling { get; init; } = IntensityScaling.FullRange;

    /// <summary>What the model does to values 0..1 first. Default <see cref="InputNormalization.None"/>; ImageNet needs three channels at the encoder.</summary>
    public InputNormalization Normalization { get; init; } = InputNormalization.None;

    /// <summary>What the attention block of every decoder stage is made of.</summary>
    public MultiFrequencyMultiScaleOptions Attention { get; init; } = new();

    /// <summary>
    /// The DCT size of each decoder stage, deepest first, or empty for <see cref="MultiFrequencyMultiScaleOptions.DctSize"/> of
    /// <see cref="Attention"/>, whose default gives the published 14, 28, 56, 112. Default empty.
    /// </summary>
    public IReadOnlyList<int> DctSizes { get; init => field = Copy(value); } = [];

    /// <summary>The channels that every skip connection is narrowed to; 1 or more. Default 64.</summary>
    public int SkipChannels { get; init; } = 64;

    /// <summary>The channels of each decoder stage, deepest first; one fewer than the backbone has levels. Default 256, 128, 64, 32.</summary>
    public IReadOnlyList<int> DecoderChannels { get; init => field = Copy(value); } = [256, 128, 64, 32];

    /// <summary>The sub-decoder of every stage. Default <see cref="SubDecoderKind.Ensemble"/>.</summary>
    public SubDecoderKind SubDecoder { get; init; } = SubDecoderKind.Ensemble;

    /// <summary>
    /// How far the running statistics of batch normalisation move towards each batch; above 0, at most 1. Default 0.1, as
    /// published; short trainings on small sets do better with 0.3.
    /// </summary>
    public double BatchNormMomentum { get; init; } = 0.1;

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
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Everything that is wrong with these options on their own; empty when nothing is.</summary>
    /// <returns>The problems. Whether a custom backbone fits is checked when the model is built.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        CheckEnum(problems, nameof(Backbone), Backbone);
        CheckEnum(problems, nameof(SubDecoder), SubDecoder);
        CheckEnum(problems, nameof(Normalization), Normalization);
        CheckEnum(problems, nameof(IntensityScaling), IntensityScaling);
        Guard.Range(problems, nameof(InputChannels), InputChannels, 1);
        Guard.Range(problems, nameof(Labels), Labels, 1);
        Guard.Range(problems, nameof(SkipChannels), SkipChannels, 1);
        foreach ((string name, object? value) in new (string, object?)[]
        {
            (nameof(Attention), Attention),
            (nameof(LabelNames), LabelNames),
            (nameof(DctSizes), DctSizes),
            (nameof(DecoderChannels), DecoderChannels),
        }.Where(part => part.Item2 is null))
        {
            problems.Add(new Problem(name, "null", "a value", "Leave the default or set a value"));
        }

        if (Attention is null || LabelNames is null || DctSizes is null || DecoderChannels is null)
        {
            return problems;
        }

        problems.AddRange(Attention.Validate().Select(problem => problem with { Subject = $"{nameof(Attention)}.{problem.Subject}" }));
        CheckLists(problems);
        if (double.IsNaN(BatchNormMomentum) || BatchNormMomentum <= 0 || BatchNormMomentum > 1)
        {
            problems.Add(new Problem(nameof(BatchNormMomentum), FormattableString.Invariant($"{BatchNormMomentum}"), "above 0, at most 1", "Use 0.1 as published, or 0.3 for short trainings"));
        }

        if (Normalization == InputNormalization.ImageNet && InputChannels is not (1 or 3))
        {
            problems.Add(new Problem(nameof(Normalization), $"ImageNet with {InputChannels} input channels", "ImageNet normalisation with 1 or 3 input channels", "Choose InputNormalization.None for other images"));
        }

        return problems;
    }

    /// <summary>Whether two options describe the same model; lists are compared by their items.</summary>
    /// <param name="other">The other options.</param>
    /// <returns>True when every option is equal.</returns>
    public bool Equals(MadgNetOptions? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    /// <summary>A list that its giver cannot change any more. Null stays null, for <see cref="Validate"/> to find.</summary>
    private static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> list) => list is null ? null! : [.. list];

    private static void CheckEnum<T>(List<Problem> problems, string subject, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            problems.Add(new Problem(subject, $"{value:D}", string.Join(", ", Enum.GetNames<T>()), "Choose one of them"));
        }
    }

    private void CheckLists(List<Problem> problems)
    {
        if (LabelNames.Count != 0 && (LabelNames.Count != Labels || LabelNames.Any(string.IsNullOrWhiteSpace) || LabelNames.Distinct(StringComparer.Ordinal).Count() != Labels))
        {
            problems.Add(new Problem(nameof(LabelNames), $"[{string.Join(", ", LabelNames)}] for {Labels} labels", "no names, or one distinct name for each label", "Name every label once, or none"));
        }

        if (DecoderChannels.Count == 0 || DecoderChannels.Any(channels => channels < 1))
        {
            problems.Add(new Problem(nameof(DecoderChannels), $"[{string.Join(", ", DecoderChannels)}]", "at least one stage, each with one channel or more", "Use 256, 128, 64, 32 as published, or your own widths"));
        }

        if (Backbone != BackboneKind.Custom && DecoderChannels.Count != 4)
        {
            problems.Add(new Problem(nameof(DecoderChannels), $"{DecoderChannels.Count} stages", $"4 stages, one fewer than {Backbone} has levels", "Give four widths, or bring a backbone with other levels"));
        }

        if (DctSizes.Count != 0 && (DctSizes.Count != DecoderChannels.Count || DctSizes.Any(size => size is < FrequencyTable.GridSize or > DctBasis.LargestSize)))
        {
            problems.Add(new Problem(nameof(DctSizes), $"[{string.Join(", ", DctSizes)}] for {DecoderChannels.Count} stages", "no sizes, or one of 7 to 1024 for each stage", "Leave DctSizes empty for the published rule"));
        }
    }
}
