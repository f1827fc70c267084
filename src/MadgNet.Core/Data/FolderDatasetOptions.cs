using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

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

    /// <summary>
    /// Values of label images (colours as 0xRRGGBB) that belong to no label; default 0. Any other undeclared value is an error.
    /// </summary>
    public IReadOnlyList<int> Background { get; init; } = [0];

    /// <summary>
    /// Values of mask files (palette indices where the file has a palette, colours as 0xRRGGBB for labels of colours) whose pixels count
    /// for nothing: the border of VOC, the 255 of others. They reach neither loss nor metrics. Default none.
    /// </summary>
    public IReadOnlyList<int> Ignored { get; init; } = [];

    /// <summary>
    /// How far a value of a label image (or each component of a colour) may be from a declared one and still be taken for
    /// the nearest; default 0. Some units repair label images that were stored as JPEG.
    /// </summary>
    public int LabelTolerance { get; init; }

    /// <summary>What is done with images without a mask and masks without an image; default <see cref="UnpairedFiles.Refuse"/>.</summary>
    public UnpairedFiles Unpaired { get; init; } = UnpairedFiles.Refuse;

    /// <summary>
    /// Whether images of a dark ground stay and those of a bright ground are inverted, as the published DSB2018 loader does; default false.
    /// </summary>
    /// <remarks>An image whose Otsu-thresholded grey is foreground on more than half its pixels is replaced by its inverted grey.</remarks>
    public bool InvertBrightBackground { get; init; }

    /// <summary>
    /// What the network expects of images, which are read as it says then; null, the default, for <see cref="Channels"/>,
    /// <see cref="Window"/> and <see cref="InvertBrightBackground"/>, which are left alone where this is set.
    /// </summary>
    public ModelInput? Input { get; init; }

    /// <summary>The options with images read as a network expects them.</summary>
    /// <param name="input">What the network expects.</param>
    /// <returns>The changed options.</returns>
    public FolderDatasetOptions For(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return this with { Input = input.ForFiles(), Channels = ImageChannels.Rgb, Window = null, InvertBrightBackground = false };
    }

    /// <summary>
    /// What these options do otherwise than a network expects; null where nothing is. Grey images may go to a network for RGB.
    /// </summary>
    /// <param name="input">What the network expects.</param>
    /// <returns>The contradiction, or null.</returns>
    public Problem? Contradicts(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (Input is not null)
        {
            ModelInput own = Input.ForFiles();
            ModelInput wanted = input.ForFiles();
            return own == wanted
                ? null
                : new Problem(
                    nameof(Input),
                    $"files that are read by {own.ToJson()} and a network that expects {wanted.ToJson()}",
                    "the same for both: a predictor reads as the network says",
                    "Use Recipe.WithInput, or FolderDatasetOptions.For(model.Input)");
        }

        if (input.Windows.Count > 0 || input.Files.Count > 0 || input.FromPages)
        {
            return new Problem(
                nameof(Input),
                "files that are read without the network's windows, files or pages",
                $"reading by {input.ForFiles().ToJson()}",
                "Use Recipe.WithInput, or FolderDatasetOptions.For(model.Input)");
        }

        bool stretched = Window == IntensityWindow.MinMax;

        // Another window is the host's own business: it has to apply it to what is predicted, too.
        if (stretched != (input.Scaling == IntensityScaling.MinMax))
        {
            return new Problem(
                "intensities",
                $"files {(stretched ? "stretched to their darkest and brightest value" : "that are not stretched to their darkest and "
                    + "brightest value")} and a network that expects {input.Scaling}",
                "one scaling for both: a predictor scales as the network says",
                "Use Recipe.WithIntensities, or FolderDatasetOptions.For(model.Input)");
        }

        return InvertBrightBackground == input.InvertBrightBackground
            ? null
            : new Problem(
                nameof(InvertBrightBackground),
                $"{InvertBrightBackground} for the files and {input.InvertBrightBackground} for the network",
                "the same for both: a predictor does as the network says",
                "Use Recipe.WithInput, or FolderDatasetOptions.For(model.Input)");
    }

    /// <summary>Reads a sample's image, or its images, as these options say.</summary>
    internal FloatImage ReadImage(SampleFiles files)
    {
        if (Input is not null)
        {
            return InputReader.Read(files.Images, Input, Reader);
        }

        return Prepare(Reader.ReadGuarded(files.Image));
    }

    /// <summary>Turns the pixels of an image, or of one slice of a volume, into what these options say.</summary>
    /// <param name="image">The pixels.</param>
    /// <returns>C×H×W with values 0..1.</returns>
    /// <exception cref="TensorShapeException">The network's channels come from several files or pages.</exception>
    public FloatImage Prepare(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Input is not null
            ? Input.Prepare(image)
            : (InvertBrightBackground ? BrightBackground.Invert(image) : image).ToFloat(Channels, Window);
    }

    /// <summary>The values of label images that mean something, in order.</summary>
    internal IEnumerable<int> DeclaredValues => Labels
        .SelectMany(label => label.Values)
        .Concat(Background)
        .Concat(Ignored)
        .Distinct()
        .Order();

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        problems.AddRange(Problem.Undefined(nameof(Channels), Channels));
        problems.AddRange(Problem.Undefined(nameof(Unpaired), Unpaired));
        if (Input is not null)
        {
            problems.AddRange(Input.Validate().Select(problem => problem with { Subject = $"{nameof(Input)}.{problem.Subject}" }));
            if (Channels != ImageChannels.Rgb || Window is not null || InvertBrightBackground)
            {
                problems.Add(new Problem(
                    nameof(Input),
                    "an input together with Channels, Window or InvertBrightBackground",
                    "one of both: the input says how images are read",
                    "Leave the others at their defaults, or use FolderDatasetOptions.For(input)"));
            }
        }

        Guard.Range(problems, nameof(LabelTolerance), LabelTolerance, 0, 127, "Use 0 for label images stored without losses");
        if (Reader is null || Background is null || Ignored is null || Labels is null || Labels.Any(label => label is null))
        {
            problems.Add(new Problem(
                "options", "null for Reader, Background, Ignored, Labels or one of them", "a value", "Leave the defaults or set a value"));
            return problems;
        }

        if (Labels.Count == 0)
        {
            problems.Add(new Problem(nameof(Labels), "no labels", "at least one", "Use LabelSource.AllMasks() for one binary mask"));
        }

        if (Labels.GroupBy(label => label.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
        {
            problems.Add(new Problem(
                nameof(Labels), $"two labels named '{twice}'", "unique names", "Rename one of them, or give one label several values"));
        }

        foreach (LabelSource label in Labels.Where(label => !Enum.IsDefined(label.Reading)
            || (label.Values.Count > 0 && label.Reading != MaskReading.Gray)))
        {
            problems.Add(new Problem(
                $"{nameof(Labels)} '{label.Name}'",
                $"{nameof(LabelSource.Reading)} {label.Reading}{(label.Values.Count > 0 ? " beside values" : "")}",
                "one of Gray, Soft, NonZero, Alpha, and Gray for labels of values",
                "Leave Reading out, or use AllMasks or MaskFiles"));
        }

        if (Ignored.Intersect(Labels.SelectMany(label => label.Values)).ToArray() is { Length: > 0 } both)
        {
            problems.Add(new Problem(
                nameof(Ignored),
                $"the values {string.Join(", ", both)}, which belong to a label",
                "values that belong to no label",
                "Take them out of one of the two"));
        }

        return problems;
    }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe()
    {
        yield return (nameof(Channels), Channels);
        yield return (nameof(Window), Window);
        yield return (nameof(Reader), Reader);
        yield return (nameof(Labels), Labels);
        yield return (nameof(Background), Background);
        yield return (nameof(LabelTolerance), LabelTolerance);
        yield return (nameof(InvertBrightBackground), InvertBrightBackground);
        yield return (nameof(Input), Input?.ToJson());

        // Runs that began before there was such a list go on.
        if (Ignored.Count > 0)
        {
            yield return (nameof(Ignored), Ignored);
        }
    }
}
