using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Annotations;

/// <summary>
/// Images of a folder with what was drawn on them in QuPath, COCO, CVAT, Label Studio, Pascal VOC or labelme: a dataset for training,
/// evaluation and the doctor like any other. Masks are made when a sample is loaded.
/// </summary>
public sealed class AnnotationDataset : IDataset, IDescribed
{
    private readonly (string Name, string Path, AnnotatedImage Annotations)[] _samples;
    private readonly AnnotationDatasetOptions _options;

    /// <summary>Reads annotations and finds their images.</summary>
    /// <param name="images">The folder of the images; folders below it are searched, too.</param>
    /// <param name="annotations">The file of annotations, or the folder of their files.</param>
    /// <param name="options">How they become samples; null for the defaults.</param>
    /// <exception cref="AnnotationException">A file of annotations cannot be read.</exception>
    /// <exception cref="DatasetException">The folder does not exist, a class belongs to no label, images lack annotations or annotations
    /// their image (unless they are left out), or no image has annotations.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public AnnotationDataset(string images, string annotations, AnnotationDatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(images);
        ArgumentException.ThrowIfNullOrEmpty(annotations);
        _options = options ?? new AnnotationDatasetOptions();
        InvalidOptionsException.ThrowIfAny(nameof(AnnotationDataset), _options.Validate());
        Folder = Directory.Exists(images)
            ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(images))
            : throw new DatasetException(new Problem(
                images, File.Exists(images) ? "a file" : "no such folder", "a folder of images", "Check the path"));
        AnnotationSet set = AnnotationFile.Read(annotations, _options.Reading);
        CheckClasses(annotations, set);
        (_samples, List<Finding> unpaired) = Pair(set, annotations);
        Findings =
        [
            .. unpaired,
            .. set.LeftOut.Select(problem => new Finding(FindingKind.UnknownLabel, FindingSeverity.Warning, problem)),
        ];
        if (unpaired.Count > 0 && _options.Images.Unpaired == UnpairedFiles.Refuse)
        {
            throw new DatasetException([.. unpaired.Select(finding => finding.Problem)]);
        }

        if (_samples.Length == 0)
        {
            throw new DatasetException(new Problem(
                annotations, $"annotations of no image in '{images}'", "the names of the images there", "Check both paths"));
        }
    }

    /// <summary>The folder of the images, as a full path.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => [.. _options.Labels.Select(label => label.Name)];

    /// <summary>Images without annotations, annotations without an image, and what was drawn and covers no pixels.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <inheritdoc/>
    public Problem? Contradicts(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _options.Images.Contradicts(input);
    }

    /// <inheritdoc/>
    public string NameOf(int index) => _samples[index].Name;

    /// <summary>The image; the annotations are no picture of a mask.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The image's file.</returns>
    public SampleFiles FilesOf(int index) => new(_samples[index].Path, []);

    /// <summary>What was drawn on an image.</summary>
    /// <param name="index">0 … Count − 1.</param>
    /// <returns>The image's annotations.</returns>
    public AnnotatedImage AnnotationsOf(int index) => _samples[index].Annotations;

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        .. ((IDescribed)_options.Images).Describe().Where(entry => entry.Name is not ("Labels" or "Background" or "LabelTolerance")),
        (nameof(Labels), string.Join("; ", _options.Labels.Select(label => $"{label.Name}: {string.Join(", ", label.Classes)}"))),
        (nameof(AnnotationReadOptions.FillBoxes), _options.Reading.FillBoxes),
    ];

    /// <inheritdoc/>
    /// <exception cref="ImageReadException">The image cannot be read.</exception>
    /// <exception cref="DatasetException">The image has another size than the annotations say.</exception>
    public Sample Load(int index)
    {
        (string name, string path, AnnotatedImage annotations) = _samples[index];
        FolderDatasetOptions reading = _options.Images;
        PixelImage pixels = reading.Reader.Read(path);
        if (Mismatch(path, pixels.Height, pixels.Width, annotations) is { } problem)
        {
            throw new DatasetException(problem);
        }

        PixelImage shown = reading.InvertBrightBackground ? BrightBackground.Invert(pixels) : pixels;
        FloatImage image = shown.ToFloat(reading.Channels, reading.Window);
        return new Sample(name, image, [.. _options.Labels.Select(label =>
        {
            bool[] inside = annotations.ToMask(image.Height, image.Width, label.Classes.Count == 0 ? null : label.Classes);
            var mask = new FloatImage(1, image.Height, image.Width);
            for (int i = 0; i < inside.Length; i++)
            {
                mask.Data[i] = inside[i] ? 1 : 0;
            }

            return mask;
        })]);
    }

    /// <inheritdoc/>
    public SampleExamination Examine(int index)
    {
        try
        {
            return SampleExamination.Of(Load(index));
        }
        catch (DatasetException exception)
        {
            return new SampleExamination(
                [.. exception.Problems.Select(problem => new Finding(FindingKind.SizeMismatch, FindingSeverity.Error, problem))],
                0,
                0,
                0,
                null,
                null,
                null);
        }
    }

    private static Problem? Mismatch(string path, int height, int width, AnnotatedImage annotations)
    {
        (int Height, int Width)[] sizes = [(annotations.Height, annotations.Width), .. annotations.Objects.Select(drawn => drawn.Mask)
            .OfType<RunLengthMask>().Select(mask => (mask.Height, mask.Width))];
        return sizes.FirstOrDefault(size => size.Height > 0 && size != (height, width)) is { Height: > 0 } other
            ? new Problem(
                path,
                $"an image of {width}×{height} with annotations for {other.Width}×{other.Height}",
                "the size that was drawn on",
                "Use the image that was annotated: resized copies do not fit")
            : null;
    }

    private void CheckClasses(string path, AnnotationSet set)
    {
        string[] unknown = [.. set.Images.SelectMany(image => image.Objects).Select(drawn => drawn.Label).Distinct()
            .Where(label => _options.Labels.All(known => known.Classes.Count > 0 && !known.Classes.Contains(label)))];
        if (unknown.Length > 0 && !_options.IgnoreOtherClasses)
        {
            throw new DatasetException(new Problem(
                path,
                $"objects of the classes {string.Join(", ", unknown.Order(StringComparer.Ordinal))}, which belong to no label",
                string.Join(", ", _options.Labels.SelectMany(label => label.Classes)),
                $"Add them to a label, or set {nameof(AnnotationDatasetOptions.IgnoreOtherClasses)} to make them background"));
        }
    }

    private ((string, string, AnnotatedImage)[] Samples, List<Finding> Unpaired) Pair(AnnotationSet set, string annotations)
    {
        var listed = FolderFiles.Find(Folder, recursive: true, _options.Images.Reader.Extensions);
        if (listed.Problems.Count > 0)
        {
            throw new DatasetException(listed.Problems);
        }

        IReadOnlyList<string> files = listed.Paths;
        string Relative(string path) => Path.GetRelativePath(Folder, path).Replace(Path.DirectorySeparatorChar, '/');
        ILookup<string, string> byPath = files.ToLookup(Relative);
        ILookup<string, string> byName = files.ToLookup(path => Path.GetFileName(path)!);
        ILookup<string, string> byStem = files.ToLookup(path => Path.GetFileNameWithoutExtension(path)!);
        var left = files.ToHashSet();
        var samples = new List<(string Name, string Path, AnnotatedImage)>();
        var unpaired = new List<Finding>();
        foreach (AnnotatedImage image in set.Images)
        {
            string name = image.Name.Replace('\\', '/');
            string last = name[(name.LastIndexOf('/') + 1)..];
            string[] found = [.. new[] { byPath[name], byName[last], byStem[last], byStem[Path.GetFileNameWithoutExtension(last)] }
                .FirstOrDefault(candidates => candidates.Any()) ?? []];
            if (found.Length == 1 && left.Remove(found[0]))
            {
                samples.Add((Path.ChangeExtension(Relative(found[0]), null)!, found[0], image));
            }
            else
            {
                unpaired.Add(new Finding(FindingKind.MissingImage, FindingSeverity.Error, new Problem(
                    annotations,
                    found.Length > 1
                        ? $"annotations of '{image.Name}', which {found.Length} files may be"
                        : found.Length == 1
                            ? $"annotations of '{image.Name}', whose file '{found[0]}' has others already"
                            : $"annotations of '{image.Name}', which is not in '{Folder}'",
                    "one image for each",
                    "Restore or rename the image, or leave such entries out")));
            }
        }

        unpaired.AddRange(left.Order(StringComparer.Ordinal).Select(path => new Finding(
            FindingKind.MissingMask,
            FindingSeverity.Error,
            new Problem(path, $"an image that '{annotations}' does not name", "annotations", "Annotate it, move it away, or leave such images out"))));
        return ([.. samples.OrderBy(sample => sample.Name, StringComparer.Ordinal)], unpaired);
    }
}
