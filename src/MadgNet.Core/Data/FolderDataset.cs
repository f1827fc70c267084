using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data;

/// <summary>
/// Image and mask files as a dataset. It finds the pairs in the usual layouts by itself: sibling folders (images/masks,
/// Original/Ground Truth, image/mask …), one folder of <c>a.png</c> and <c>a_mask.png</c>, classes in subfolders, one
/// folder per case; several masks of an image are united or become one label each.
/// </summary>
public sealed class FolderDataset : IDataset, IDescribed
{
    private readonly (string Name, SampleFiles Files)[] _samples;
    private readonly FolderDatasetOptions _options;

    /// <summary>Finds the pairs below a folder, with the default options; no image is read yet.</summary>
    /// <param name="folder">A folder in one of the usual layouts, or the folder of images whose masks lie beside it.</param>
    /// <exception cref="DatasetException">The folder does not exist or holds no pairs, or files lack their partner.</exception>
    public FolderDataset(string folder)
        : this(folder, null)
    {
    }

    /// <summary>Finds the pairs below a folder; no image is read yet.</summary>
    /// <param name="folder">A folder in one of the usual layouts, or the folder of images whose masks lie beside it.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <exception cref="DatasetException">The folder does not exist or holds no pairs, files lack their partner (unless they are left
    /// out).</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public FolderDataset(string folder, FolderDatasetOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _options = Checked(options);
        Folder = Existing(folder, "a folder of images and masks");
        (_samples, Findings) = Find(Folder, null);
        RefuseUnpaired();
    }

    private FolderDataset(string images, string masks, FolderDatasetOptions? options)
    {
        _options = Checked(options);
        Folder = Existing(images, "a folder of images");
        string truths = Existing(masks, "a folder of masks");
        (_samples, Findings) = Find(Folder, Folder == truths ? null : truths);
        RefuseUnpaired();
    }

    /// <summary>Makes a dataset of files that are known to belong together.</summary>
    /// <param name="pairs">Name and files of every sample; names are unique.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <exception cref="DatasetException">There are no pairs, two have the same name, files do not exist (unless such pairs are left
    /// out).</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public FolderDataset(IEnumerable<(string Name, SampleFiles Files)> pairs, FolderDatasetOptions? options)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        _options = Checked(options);
        Folder = null;
        var samples = new List<(string Name, SampleFiles Files)>();
        var findings = new List<Finding>();
        foreach ((string name, SampleFiles files) in pairs)
        {
            if (Missing(name, files) is { } finding)
            {
                findings.Add(finding);
            }
            else
            {
                samples.Add((name, files));
            }
        }

        if (samples.GroupBy(sample => sample.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
        {
            throw new DatasetException(new Problem(
                twice, "two samples of this name", "unique names", "Rename one of them: reports and splits go by name"));
        }

        _samples = [.. samples];
        Findings = findings;
        RefuseUnpaired();
    }

    /// <summary>
    /// Finds the pairs of a folder of images and a folder of masks, wherever they lie and whatever they are called: by the
    /// names of the files, as the constructors do. Subfolders have to correspond; one folder may lie inside the other.
    /// </summary>
    /// <param name="images">The folder of images.</param>
    /// <param name="masks">The folder of masks; that of the images where both lie in one, told apart by their names.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <returns>The dataset, by name; its <see cref="Folder"/> is that of the images.</returns>
    /// <exception cref="DatasetException">A folder does not exist, there are no pairs, files lack their partner (unless they are left
    /// out).</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static FolderDataset FromFolders(string images, string masks, FolderDatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(images);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        return new FolderDataset(images, masks, options);
    }

    /// <summary>
    /// Makes a dataset of the pairs that a table names: a column <c>image</c> (or <c>image_path</c>, <c>file</c>), one or
    /// more columns that begin with <c>mask</c>, and optionally <c>name</c>. Several masks, and the files of a case where
    /// the input has several, may share a cell, parted by <c>|</c>.
    /// </summary>
    /// <param name="table">The file, parted by commas, semicolons or tabs, with a header line.</param>
    /// <param name="root">The folder that the paths are relative to; null for the table's own.</param>
    /// <param name="options">How the files become samples; null for the defaults.</param>
    /// <returns>The dataset, in the table's order.</returns>
    /// <exception cref="DatasetException">The table cannot be read or lacks a column, or files do not exist (unless such pairs are left
    /// out).</exception>
    public static FolderDataset FromTable(string table, string? root = null, FolderDatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        root ??= Path.GetDirectoryName(Path.GetFullPath(table))!;
        var pairs = new List<(string Name, SampleFiles Files)>();
        var images = new List<string>();
        foreach ((int line, Dictionary<string, string> cells) in DelimitedText.Read(table, repeated: "mask"))
        {
            string? image = cells.GetValueOrDefault("image") ?? cells.GetValueOrDefault("image_path") ?? cells.GetValueOrDefault("file");
            string[] masks = [.. cells
                .Where(cell => cell.Key.StartsWith("mask", StringComparison.Ordinal))
                .SelectMany(cell => Parted(cell.Value))];
            if (string.IsNullOrEmpty(image))
            {
                throw new DatasetException(new Problem(
                    $"{table}, line {line}",
                    $"no image in the columns {string.Join(", ", cells.Keys)}",
                    "a column image and at least one column mask",
                    "Name the columns in the header line"));
            }

            if (image.Contains('\0', StringComparison.Ordinal)
                || Array.Exists(masks, mask => mask.Contains('\0', StringComparison.Ordinal)))
            {
                throw new DatasetException(new Problem(
                    $"{table}, line {line}", "a path with a null character", "the path of a file", "Restore the table from its source"));
            }

            string name = cells.GetValueOrDefault("name") is { Length: > 0 } given ? given : "";
            images.Add(image);
            string[] files = [.. (options?.Input is { Files.Count: > 0 } ? Parted(image) : [image]).Select(file => Absolute(root, file))];
            pairs.Add((name, new SampleFiles(files[0], [.. masks.Select(mask => Absolute(root, mask))]) { Images = files }));
        }

        return new FolderDataset(Named(pairs, images), options);
    }

    /// <summary>
    /// Names samples after their images: by the file's name where that is unique, otherwise with the folders that the images do not
    /// have in common.
    /// </summary>
    private static IEnumerable<(string Name, SampleFiles Files)> Named(List<(string Name, SampleFiles Files)> pairs, List<string> images)
    {
        string[] keys = [.. images.Select(SampleName.Key)];
        HashSet<string> ambiguous = [.. Enumerable.Range(0, pairs.Count)
            .Where(i => pairs[i].Name.Length == 0)
            .GroupBy(i => SampleName.Stem(images[i]))
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)];
        string common = keys.Length == 0 ? "" : keys[0][..(keys[0].LastIndexOf('/') + 1)];
        while (common.Length > 0 && !Array.TrueForAll(keys, key => key.StartsWith(common, StringComparison.Ordinal)))
        {
            common = common[..(common.TrimEnd('/').LastIndexOf('/') + 1)];
        }

        return pairs.Select((pair, i) => pair.Name.Length > 0 ? pair
            : (ambiguous.Contains(SampleName.Stem(images[i])) ? keys[i][common.Length..] : SampleName.Stem(images[i]), pair.Files));
    }

    /// <summary>The folder that was searched, as a full path; null where the pairs were given.</summary>
    public string? Folder { get; }

    /// <summary>How the files become samples.</summary>
    public FolderDatasetOptions Options => _options;

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() => ((IDescribed)_options).Describe();

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels => [.. _options.Labels.Select(label => label.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings { get; }

    /// <inheritdoc/>
    public Problem? Contradicts(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return _options.Contradicts(input);
    }

    /// <inheritdoc/>
    public string NameOf(int index) => _samples[index].Name;

    /// <inheritdoc/>
    public SampleFiles FilesOf(int index) => _samples[index].Files;

    /// <inheritdoc/>
    /// <exception cref="ImageReadException">A file cannot be read.</exception>
    /// <exception cref="DatasetException">A mask's shape is not its image's, or a mask holds undeclared values.</exception>
    public Sample Load(int index)
    {
        (string name, SampleFiles files) = _samples[index];
        FloatImage image = _options.ReadImage(files);
        (FloatImage[] masks, FloatImage? ignored) = MaskReader.Read(files, image.Height, image.Width, _options);
        return new Sample(name, image, masks) { Ignored = ignored };
    }

    /// <inheritdoc/>
    public SampleExamination Examine(int index) => FileExaminer.Examine(_samples[index].Files, _options);

    /// <summary>
    /// Looks at masks before hours are spent on them: values that nothing declares, files that cannot be read, further pages. An
    /// image without the object is nothing to find here; the doctor tells more.
    /// </summary>
    /// <param name="most">How many samples are looked at, at least 1, spread evenly over the dataset.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>What was found, errors first.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public IReadOnlyList<Finding> ExamineMasks(int most = 256, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        int count = Math.Min(most, _samples.Length);
        var found = new IReadOnlyList<Finding>[count];
        Parallel.For(
            0,
            count,
            new ParallelOptions { CancellationToken = cancellationToken },
            i => found[i] = FileExaminer.ExamineMasks(_samples[(int)((long)i * _samples.Length / count)].Files, _options));
        return [.. found.SelectMany(each => each)
            .Where(finding => finding.Kind is not (FindingKind.EmptyMask or FindingKind.FullMask))
            .OrderByDescending(finding => finding.Severity)];
    }

    private static FolderDatasetOptions Checked(FolderDatasetOptions? options)
    {
        options ??= new FolderDatasetOptions();
        InvalidOptionsException.ThrowIfAny(nameof(FolderDataset), options.Validate());
        return options;
    }

    private static string[] Parted(string cell) => cell.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A table's path on this system: tables are written with either kind of slash.</summary>
    private static string Absolute(string root, string path) =>
        Path.GetFullPath(Path.Combine(root, path.Replace('\\', Path.DirectorySeparatorChar).Replace('/', Path.DirectorySeparatorChar)));

    private static Finding? Missing(string name, SampleFiles files)
    {
        if (files.Images.FirstOrDefault(image => !File.Exists(image)) is { } absent)
        {
            return new Finding(
                FindingKind.MissingImage,
                FindingSeverity.Error,
                new Problem(
                    absent,
                    $"no such file, named by sample '{name}'",
                    "an image",
                    "Check the path and the data's root folder, or set Unpaired to LeaveOut"));
        }

        string? missing = files.Masks.FirstOrDefault(mask => !File.Exists(mask));
        return missing is null && files.Masks.Count > 0
            ? null
            : new Finding(
                FindingKind.MissingMask,
                FindingSeverity.Error,
                new Problem(
                    missing ?? files.Image,
                    missing is null ? "an image without a mask" : $"no such file, named by sample '{name}'",
                    "a mask",
                    "Check the path and the data's root folder, or set Unpaired to LeaveOut"));
    }

    internal static string Existing(string folder, string expected) => Directory.Exists(folder)
        ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
        : throw new DatasetException(new Problem(folder, File.Exists(folder) ? "a file" : "no such folder", expected, "Check the path"));

    private ((string Name, SampleFiles Files)[] Samples, Finding[] Findings) Find(string root, string? masks)
    {
        var finder = new PairFinder(root, masks, _options);
        return ([.. finder.Find()], [.. finder.Findings]);
    }

    private void RefuseUnpaired()
    {
        if (_options.Unpaired == UnpairedFiles.Refuse && Findings.Count > 0)
        {
            throw new DatasetException([.. Findings.Select(finding => finding.Problem)]);
        }

        if (_samples.Length == 0)
        {
            Problem[] found = [.. Findings.Select(finding => finding.Problem)];
            throw new DatasetException([
                new Problem(
                    Folder ?? "pairs",
                    found.Length == 0 ? "no image files" : $"no image with a mask among {found.Length} files",
                    "images and masks, for example in images/ and masks/ with equal names, or as a.png and a_mask.png",
                    "Arrange the files so, or name the pairs in a CSV file"),
                .. found]);
        }
    }
}
