using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>How the files of a folder become samples.</summary>
public sealed record FolderDatasetOptions : IDescribed
{
    /// <summary>Channels of every image; default <see cref="ImageChannels.Rgb"/>, so that grey and colour files go together.</summary>
    public ImageChannels Channels { get; init; } = ImageChannels.Rgb;

    /// <summary>The range of intensities that becomes 0..1; null (the default) for the full range of the file's bit depth.</summary>
    public IntensityWindow? Window { get; init; }

    /// <summary>Reads the files; default a reader of the built-in formats.</summary>
    public IImageReader Reader { get; init; } = new ImageReader();

    /// <summary>The labels, one mask each; default one label to which every mask file belongs.</summary>
    public IReadOnlyList<LabelSource> Labels { get; init; } = [LabelSource.AllMasks()];

    /// <summary>Values of label images (colours as 0xRRGGBB) that belong to no label; default 0. Any other undeclared value is an error.</summary>
    public IReadOnlyList<int> Background { get; init; } = [0];

    /// <summary>
    /// How far a value of a label image (or each component of a colour) may be from a declared one and still be taken for
    /// the nearest; default 0. Some units repair label images that were stored as JPEG.
    /// </summary>
    public int LabelTolerance { get; init; }

    /// <summary>What is done with images without a mask and masks without an image; default <see cref="UnpairedFiles.Refuse"/>.</summary>
    public UnpairedFiles Unpaired { get; init; } = UnpairedFiles.Refuse;

    /// <summary>Whether images of a dark ground stay and those of a bright ground are inverted, as the published DSB2018 loader does; default false.</summary>
    /// <remarks>An image whose Otsu-thresholded grey is foreground on more than half its pixels is replaced by its inverted grey.</remarks>
    public bool InvertBrightBackground { get; init; }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        (nameof(Channels), Channels),
        (nameof(Window), Window),
        (nameof(Reader), Reader),
        (nameof(Labels), Labels),
        (nameof(Background), Background),
        (nameof(LabelTolerance), LabelTolerance),
        (nameof(InvertBrightBackground), InvertBrightBackground),
    ];
}
