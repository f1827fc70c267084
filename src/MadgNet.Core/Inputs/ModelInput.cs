using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Core.Imaging;
using static TorchSharp.torch;

namespace MadgNet.Core.Inputs;

/// <summary>
/// What a network expects of images, and how the values of a file become that. It is saved with the network, and dataset,
/// predictor, evaluation and export go by it.
/// </summary>
/// <remarks>
/// <para>Two halves. How files become values 0..1, red before green before blue, is done by whoever reads files: <see cref="Scaling"/>,
/// <see cref="Windows"/>, <see cref="InvertBrightBackground"/>, <see cref="Files"/>, <see cref="FromPages"/>, <see cref="Size"/> and
/// <see cref="Fit"/>. Transforms work on these values. What is left is done by the network itself (<see cref="Normalize"/>), and so
/// is part of an exported graph: <see cref="ChannelOrder"/>, <see cref="ValueRange"/>, <see cref="Mean"/>,
/// <see cref="StandardDeviation"/>, or <see cref="Normalization"/> for all of them.</para>
/// <para>Two inputs are equal where everything that they say is.</para>
/// </remarks>
/// <example>
/// Weights of CNTK, which take BGR of 0 to 255 without its mean:
/// <code>
/// var input = new ModelInput
/// {
///     ChannelOrder = ChannelOrder.Bgr,
///     ValueRange = ValueRange.ZeroTo255,
///     Mean = [103.06, 115.90, 123.15],
/// };
/// </code>
/// </example>
public sealed record ModelInput
{
    /// <summary>The newest form of the JSON.</summary>
    internal const int CurrentVersion = 2;

    private static readonly double[] ImageNetMean = [0.485, 0.456, 0.406];
    private static readonly double[] ImageNetDeviation = [0.229, 0.224, 0.225];

    /// <summary>The form of the JSON; a file without it is of the first one, whose properties have the same meaning.</summary>
    [JsonInclude]
    [JsonPropertyOrder(-1)]
    internal int Version { get; init; } = CurrentVersion;

    /// <summary>
    /// C, the channels of the images; 1 or more. Default 3. With 1 or 3 an encoder takes three channels, and a single-channel
    /// image is repeated, as published; any other number is the number that the encoder takes.
    /// </summary>
    public int Channels { get; init; } = 3;

    /// <summary>
    /// How the intensities of image files become 0..1 where <see cref="Windows"/> says nothing. Default
    /// <see cref="IntensityScaling.FullRange"/>. Where channels come from several files or pages, each is scaled by itself.
    /// </summary>
    public IntensityScaling Scaling { get; init; } = IntensityScaling.FullRange;

    /// <summary>
    /// Fixed windows of intensities in the file's own units, such as Hounsfield units: one for all channels, or one for each. A grey
    /// image and three windows make three channels. Null in the list is a channel that is scaled as <see cref="Scaling"/> says.
    /// Default: empty.
    /// </summary>
    public IReadOnlyList<InputWindow?> Windows { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// Whether an image on a bright ground is replaced by its inverted grey, as the published DSB2018 loader does: where its
    /// Otsu-thresholded grey is foreground on more than half its pixels. Default false.
    /// </summary>
    public bool InvertBrightBackground { get; init; }

    /// <summary>
    /// The ends of the names of a case's files where every channel is a file of its own, in the order of the channels:
    /// <c>_t1</c>, <c>_t2</c>, <c>_ct</c> for <c>case_t1.png</c>, <c>case_t2.png</c>, <c>case_ct.png</c>. Each file gives one grey
    /// channel. Default: empty, one file a case.
    /// </summary>
    public IReadOnlyList<string> Files { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// Whether the pages of a TIFF, or the planes of an <c>.npy</c> file, are the channels, one each. Default false; with other numbers of
    /// channels than 1 and 3, and one file a case, it is so whatever this says.
    /// </summary>
    public bool FromPages { get; init; }

    /// <summary>The order in which the network takes colours. Default <see cref="ChannelOrder.Rgb"/>.</summary>
    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.Rgb;

    /// <summary>The range of values that the network takes. Default <see cref="ValueRange.ZeroToOne"/>.</summary>
    public ValueRange ValueRange { get; init; } = ValueRange.ZeroToOne;

    /// <summary>
    /// What the network subtracts from each channel, in the order of <see cref="ChannelOrder"/> and the units of
    /// <see cref="ValueRange"/>: one number for all channels or one for each. Default: empty, nothing.
    /// </summary>
    public IReadOnlyList<double> Mean { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// What the network then divides each channel by, as for <see cref="Mean"/>; positive. Default: empty, nothing.
    /// </summary>
    public IReadOnlyList<double> StandardDeviation { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// What the network does to values 0..1 first, by a name. Default <see cref="InputNormalization.None"/>: as <see cref="Mean"/> and
    /// <see cref="StandardDeviation"/> say. ImageNet's needs three channels at the encoder.
    /// </summary>
    public InputNormalization Normalization { get; init; } = InputNormalization.None;

    /// <summary>
    /// The size that images had in training, which they are brought to for prediction, evaluation and export unless another is asked
    /// for; null, the default, for images at their own size.
    /// </summary>
    public ImageSize? Size { get; init; }

    /// <summary>How an image is brought to a size. Default <see cref="ImageFit.Resize"/>.</summary>
    public ImageFit Fit { get; init; } = ImageFit.Resize;

    /// <summary>How the channels of image files are read: grey for one channel, RGB for three, as stored for any other number.</summary>
    [JsonIgnore]
    public ImageChannels FileChannels => Channels switch
    {
        1 => ImageChannels.Gray,
        3 => ImageChannels.Rgb,
        _ => ImageChannels.AsStored,
    };

    /// <summary>What the network subtracts, <see cref="Normalization"/> considered; as for <see cref="Mean"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> SubtractedMean => Normalization == InputNormalization.ImageNet ? ImageNetMean : Mean;

    /// <summary>What the network divides by, <see cref="Normalization"/> considered; as for <see cref="StandardDeviation"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> DividingDeviation =>
        Normalization == InputNormalization.ImageNet ? ImageNetDeviation : StandardDeviation;

    /// <summary>Whether a channel is scaled by the darkest and brightest value of its whole image.</summary>
    internal bool NeedsRange => Scaling == IntensityScaling.MinMax && (Windows.Count == 0 || Windows.Contains(null));

    /// <summary>Whether a case is more than one image: several files, or pages.</summary>
    internal bool ReadsSeveral => Files.Count > 0 || ReadsPages;

    /// <summary>Whether the channels are the pages or planes of one file.</summary>
    internal bool ReadsPages => Files.Count == 0 && (FromPages || Channels is not (1 or 3));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <returns>The input, validated.</returns>
    /// <exception cref="InvalidOptionsException">The text is no such JSON, of a newer version of the library, or holds values out of
    /// range.</exception>
    public static ModelInput FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        ModelInput? input;
        try
        {
            using (var document = JsonDocument.Parse(json))
            {
                // Of a newer form the version is told, not the first property that is not known here.
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty(nameof(Version), out JsonElement version)
                    && version.TryGetInt32(out int number)
                    && number > CurrentVersion)
                {
                    InvalidOptionsException.ThrowIfAny(nameof(ModelInput), new ModelInput { Version = number }.Validate());
                }
            }

            input = JsonSerializer.Deserialize(json, ModelInputJson.Default.ModelInputText)?.ToInput();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
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
    public string ToJson() => JsonSerializer.Serialize(new ModelInputText(this), ModelInputJson.Default.ModelInputText);

    /// <summary>Turns a decoded image file into what the network expects, but for its size.</summary>
    /// <param name="image">The image, 8 or 16 bit.</param>
    /// <returns>C×H×W with values 0..1.</returns>
    /// <exception cref="TensorShapeException">The network's channels come from several files or pages.</exception>
    public FloatImage Prepare(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Prepare(image, null);
    }

    /// <summary>
    /// What the network does to images first: channels in its order, values in its range, the mean subtracted and the deviation divided
    /// by. Networks of this library do it themselves; a network of a host's calls it at the beginning of its forward pass, as an
    /// exported graph begins with it too.
    /// </summary>
    /// <param name="images">N×C×H×W of 0..1; stays the caller's.</param>
    /// <returns>A new tensor of the same shape and type; the same tensor where nothing is to be done.</returns>
    /// <exception cref="TensorShapeException">There are no numbers for so many channels.</exception>
    public Tensor Normalize(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return ImageInput.Normalize(this, images);
    }

    /// <summary>Everything that is wrong; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate() => ModelInputChecks.Validate(this);

    /// <inheritdoc/>
    public bool Equals(ModelInput? other) => other is not null && ToJson() == other.ToJson();

    /// <inheritdoc/>
    public override int GetHashCode() => ToJson().GetHashCode(StringComparison.Ordinal);

    /// <summary>As <see cref="Prepare(PixelImage)"/>; a part of an image takes the darkest and brightest value of the whole.</summary>
    internal FloatImage Prepare(PixelImage image, IntensityWindow? range)
    {
        if (ReadsSeveral)
        {
            throw new TensorShapeException(new Problem(
                nameof(PixelImage),
                $"one image of {image.Channels} channel(s)",
                Files.Count > 0
                    ? $"{Files.Count} files, {string.Join(", ", Files)}, a channel each"
                    : $"a file of {Channels} pages or planes, a channel each",
                "Pass the path of the file (of the first one of several), or a FloatImage with all channels"));
        }

        PixelImage source = InvertBrightBackground ? BrightBackground.Invert(image) : image;
        IntensityWindow? usual = range ?? (Scaling == IntensityScaling.MinMax ? IntensityWindow.MinMax : null);
        IntensityWindow?[] windows =
            [.. Windows.Select(window => window is null ? usual : IntensityWindow.Between(window.Low, window.High))];
        FloatImage result = source.ToFloat(FileChannels, windows.Length > 0 ? windows[0] : usual);
        for (int c = 1; c < Math.Min(windows.Length, result.Channels); c++)
        {
            if (windows[c] != windows[0])
            {
                source.ToFloat(FileChannels, windows[c]).Plane(c).CopyTo(result.Plane(c));
            }
        }

        return result;
    }

    /// <summary>The input with files that are read as another says.</summary>
    internal ModelInput WithFilesOf(ModelInput other) => this with
    {
        Channels = other.Channels,
        Scaling = other.Scaling,
        Windows = other.Windows,
        InvertBrightBackground = other.InvertBrightBackground,
        Files = other.Files,
        FromPages = other.FromPages,
    };

    /// <summary>The input without what does not concern the reading of files.</summary>
    internal ModelInput ForFiles() => new()
    {
        Channels = Channels,
        Scaling = Scaling,
        Windows = Windows,
        InvertBrightBackground = InvertBrightBackground,
        Files = Files,
        FromPages = FromPages,
    };

    private static InvalidOptionsException Unreadable(string received) => new(nameof(ModelInput), [new Problem(
        "input JSON",
        received,
        "an input as ModelInput.ToJson writes it",
        "Load a file that this library, in this version or an older one, has saved")]);
}
