namespace MadgNet.Core.Inputs;

/// <summary>
/// The JSON of a <see cref="ModelInput"/>, property by property in the order of the text. The serializer's code is generated when the
/// library is built, so that programs which are trimmed or compiled ahead of time read a network's input as any other does.
/// </summary>
/// <remarks>Generated code sets every property that cannot be set later to its type's default: hence a form with plain setters.</remarks>
internal sealed class ModelInputText
{
    public ModelInputText()
        : this(new ModelInput())
    {
    }

    public ModelInputText(ModelInput input)
    {
        Version = input.Version;
        Channels = input.Channels;
        Scaling = input.Scaling;
        Windows = input.Windows;
        InvertBrightBackground = input.InvertBrightBackground;
        Files = input.Files;
        FromPages = input.FromPages;
        ChannelOrder = input.ChannelOrder;
        ValueRange = input.ValueRange;
        Mean = input.Mean;
        StandardDeviation = input.StandardDeviation;
        Normalization = input.Normalization;
        Size = input.Size;
        Fit = input.Fit;
    }

    public int Version { get; set; }

    public int Channels { get; set; }

    public IntensityScaling Scaling { get; set; }

    public IReadOnlyList<InputWindow?> Windows { get; set; }

    public bool InvertBrightBackground { get; set; }

    public IReadOnlyList<string> Files { get; set; }

    public bool FromPages { get; set; }

    public ChannelOrder ChannelOrder { get; set; }

    public ValueRange ValueRange { get; set; }

    public IReadOnlyList<double> Mean { get; set; }

    public IReadOnlyList<double> StandardDeviation { get; set; }

    public InputNormalization Normalization { get; set; }

    public ImageSize? Size { get; set; }

    public ImageFit Fit { get; set; }

    public ModelInput ToInput() => new()
    {
        Version = Version,
        Channels = Channels,
        Scaling = Scaling,
        Windows = Windows,
        InvertBrightBackground = InvertBrightBackground,
        Files = Files,
        FromPages = FromPages,
        ChannelOrder = ChannelOrder,
        ValueRange = ValueRange,
        Mean = Mean,
        StandardDeviation = StandardDeviation,
        Normalization = Normalization,
        Size = Size,
        Fit = Fit,
    };
}
