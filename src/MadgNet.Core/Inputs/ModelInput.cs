using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inputs;

/// <summary>
/// What a network expects of images, and how the values of a file become that. It is saved with the network, and dataset,
/// predictor, evaluation and export go by it.
/// </summary>
public sealed record ModelInput
{
    private static readonly JsonSerializerOptions Json = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>
    /// C, the channels of the images; 1 or more. Default 3. With 1 or 3 an encoder takes three channels, and a single-channel
    /// image is repeated, as published; any other number is the number that the encoder takes.
    /// </summary>
    public int Channels { get; init; } = 3;

    /// <summary>How the intensities of image files become 0..1. Default <see cref="IntensityScaling.FullRange"/>.</summary>
    public IntensityScaling Scaling { get; init; } = IntensityScaling.FullRange;

    /// <summary>
    /// Whether an image on a bright ground is replaced by its inverted grey, as the published DSB2018 loader does: where its
    /// Otsu-thresholded grey is foreground on more than half its pixels. Default false.
    /// </summary>
    public bool InvertBrightBackground { get; init; }

    /// <summary>
    /// What the network does to values 0..1 first. Default <see cref="InputNormalization.None"/>; ImageNet's needs three channels at the
    /// encoder.
    /// </summary>
    public InputNormalization Normalization { get; init; } = InputNormalization.None;

    /// <summary>
    /// The size that images had in training, which they are resized to for prediction unless another is asked for; null, the
    /// default, for images at their own size.
    /// </summary>
    public ImageSize? Size { get; init; }

    /// <summary>How the channels of image files are read: grey for one channel, RGB for three, as stored for any other number.</summary>
    [JsonIgnore]
    public ImageChannels FileChannels => Channels switch
    {
        1 => ImageChannels.Gray,
        3 => ImageChannels.Rgb,
        _ => ImageChannels.AsStored,
    };

    /// <summary>The range of intensities of a file that becomes 0..1; null for the full range of its bit depth.</summary>
    [JsonIgnore]
    public IntensityWindow? Window => Scaling == IntensityScaling.MinMax ? IntensityWindow.MinMax : null;

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The input, validated.</returns>
    /// <exception cref="InvalidOptionsException">The text is no such JSON, or holds values out of range.</exception>
    public static ModelInput FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        ModelInput? input;
        try
        {
            input = JsonSerializer.Deserialize<ModelInput>(json, Json);
        }
        catch (JsonException exception)
        {
            throw Unreadable($"text that cannot be read ({exception.Message.TrimEnd('.')})");
        }

        if (input is null)
        {
            throw Unreadable("null");
        }

        InvalidOptionsException.ThrowIfAny(nameof(ModelInput), input.Validate());
        return input;
    }

    /// <summary>The input as JSON, for saving beside weights.</summary>
    /// <returns>One line of JSON.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Turns a decoded image file into what the network expects, but for its size.</summary>
    /// <param name="image">The image, 8 or 16 bit.</param>
    /// <returns>C×H×W with values 0..1.</returns>
    public FloatImage Prepare(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (InvertBrightBackground ? BrightBackground.Invert(image) : image).ToFloat(FileChannels, Window);
    }

    /// <summary>Everything that is wrong; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Channels), Channels, 1);
        problems.AddRange(Problem.Undefined(nameof(Scaling), Scaling));
        problems.AddRange(Problem.Undefined(nameof(Normalization), Normalization));
        if (Normalization == InputNormalization.ImageNet && Channels is not (1 or 3))
        {
            problems.Add(new Problem(
                nameof(Normalization),
                $"ImageNet with {Channels} input channels",
                "ImageNet normalisation with 1 or 3 input channels",
                "Choose InputNormalization.None for other images"));
        }

        if (InvertBrightBackground && Channels is not (1 or 3))
        {
            problems.Add(new Problem(
                nameof(InvertBrightBackground),
                $"true with {Channels} channels",
                "1 or 3 channels: an inverted image is grey",
                "Set it to false"));
        }

        if (Size is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(nameof(Size), $"{size}", "a height and width of at least 1, or null", "State the size of training"));
        }

        return problems;
    }

    private static InvalidOptionsException Unreadable(string received) => new(nameof(ModelInput), [new Problem(
        "input JSON",
        received,
        "an input as ModelInput.ToJson writes it",
        "Load a file that this library, in this version or an older one, has saved")]);
}
