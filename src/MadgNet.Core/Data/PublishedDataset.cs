using System.Text.RegularExpressions;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// A public set of the paper's experiments: how its files are read, and which of them the published splits put where.
/// Reads the folders of the published loaders as well as those of the sets' owners. The library ships no images, only the
/// file names of the splits.
/// </summary>
public sealed partial class PublishedDataset
{
    /// <summary>The part that networks are trained on.</summary>
    public const string Train = "train";

    /// <summary>The part by which a training is judged while it runs.</summary>
    public const string Validation = "validation";

    /// <summary>The part that results are reported on.</summary>
    public const string Test = "test";

    private static readonly (string Part, string Suffix)[] SplitFiles = [(Train, "train"), (Validation, "val"), (Test, "test")];

    private readonly Dictionary<string, IReadOnlyList<string>> _names = [];
    private readonly Dictionary<string, string[]> _folders = [];

    private PublishedDataset(string name, Modality modality, FolderDatasetOptions options)
    {
        Name = name;
        Modality = modality;
        Options = options;
    }

    /// <summary>
    /// Breast ultrasound, lesions (Al-Dhabyani et al. 2020): <c>benign/benign (1).png</c> with <c>_mask</c>, <c>_mask_1</c> …, or
    /// <c>benign/{image,mask}</c>; read as grey.
    /// </summary>
    /// <remarks>
    /// As published, all 65 validation images are test images too: a checkpoint that is chosen by them is chosen by the test.
    /// </remarks>
    public static PublishedDataset Busi { get; } = Create("BUSI", Modality.Ultrasound, ImageChannels.Gray).WithSplit("BUSI");

    /// <summary>
    /// Breast ultrasound, lesions (Zhuang et al. 2019): <c>{image,mask}</c>, <c>Test_Image_1.png</c> with <c>mask_1.png</c>; read as grey;
    /// test only.
    /// </summary>
    public static PublishedDataset Stu { get; } = Create("STU", Modality.Ultrasound, ImageChannels.Gray).WithSplit("STU");

    /// <summary>
    /// Dermoscopy, skin lesions (ISIC 2018 task 1): <c>ISIC2018_Task1-2_Training_Input</c> with <c>ISIC2018_Task1_Training_GroundTruth</c>.
    /// </summary>
    public static PublishedDataset Isic2018 { get; } = Create("ISIC2018", Modality.Dermoscopy, ImageChannels.Rgb).WithSplit("ISIC2018");

    /// <summary>
    /// Dermoscopy, skin lesions (Mendonça et al. 2013): <c>{images,masks}</c>, or <c>PH2 Dataset images/IMD…</c>; test only.
    /// </summary>
    public static PublishedDataset Ph2 { get; } = Create("PH2", Modality.Dermoscopy, ImageChannels.Rgb).WithSplit("PH2");

    /// <summary>Lung CT, COVID-19 lesions, first set: <c>{train,test}/{images,masks}</c>; read as grey.</summary>
    public static PublishedDataset Covid19 { get; } = Create("COVID19_1", Modality.ComputedTomography, ImageChannels.Gray)
        .WithSplit("COVID19").InFolders(Train, "train").InFolders(Test, "test");

    /// <summary>Lung CT, COVID-19 lesions, second set: <c>{images,masks}</c>; read as grey; test only.</summary>
    public static PublishedDataset Covid19Second { get; } = Create("COVID19_2", Modality.ComputedTomography, ImageChannels.Gray)
        .WithSplit("COVID19_2");

    /// <summary>
    /// Microscopy, nuclei (Caicedo et al. 2019): <c>stage1_train/ID/{images,masks}</c>, the masks of single nuclei united.
    /// Images of a bright ground become their inverted grey, as in the published loader.
    /// </summary>
    public static PublishedDataset Dsb2018 { get; } = new PublishedDataset(
        "DSB2018",
        Modality.Microscopy,
        new FolderDatasetOptions
        {
            InvertBrightBackground = true
        }).WithSplit("DSB2018").InFolders(Train, "stage1_train").InFolders(Validation, "stage1_train").InFolders(Test, "stage1_train");

    /// <summary>
    /// Microscopy, nuclei (Kumar et al. 2017, 2020), cut into pieces by the published code: <c>{images,masks}</c>; test only.
    /// </summary>
    public static PublishedDataset MonuSeg2018 { get; } = Create("MonuSeg2018", Modality.Microscopy, ImageChannels.Rgb)
        .WithSplit("MonuSeg2018");

    /// <summary>Colonoscopy, polyps (Jha et al. 2020): <c>{images,masks}</c>, or the published polyp folders.</summary>
    public static PublishedDataset Kvasir { get; } = Create("Kvasir", Modality.Colonoscopy, ImageChannels.Rgb)
        .WithPolypSplit("Kvasir", name => !Number().IsMatch(name));

    /// <summary>Colonoscopy, polyps (Bernal et al. 2015): <c>{Original,Ground Truth}</c>, or the published polyp folders.</summary>
    public static PublishedDataset CvcClinicDB { get; } = Create("CVC-ClinicDB", Modality.Colonoscopy, ImageChannels.Rgb)
        .WithPolypSplit("CVC-ClinicDB", name => Number().IsMatch(name));

    /// <summary>Colonoscopy, polyps (Vázquez et al. 2017): <c>{images,masks}</c>, or the published polyp folders; test only.</summary>
    public static PublishedDataset Cvc300 { get; } = Create("CVC-300", Modality.Colonoscopy, ImageChannels.Rgb)
        .WithPolypSplit("CVC-300", null);

    /// <summary>Colonoscopy, polyps (Bernal et al. 2012): <c>{images,masks}</c>, or the published polyp folders; test only.</summary>
    public static PublishedDataset CvcColonDB { get; } = Create("CVC-ColonDB", Modality.Colonoscopy, ImageChannels.Rgb)
        .WithPolypSplit("CVC-ColonDB", null);

    /// <summary>
    /// Colonoscopy, polyps (Silva et al. 2014): <c>1.tif</c> with <c>Ground Truth/p1.tif</c>, or the published polyp folders; test only.
    /// </summary>
    public static PublishedDataset EtisLaribPolypDB { get; } = Create("ETIS-LaribPolypDB", Modality.Colonoscopy, ImageChannels.Rgb)
        .WithPolypSplit("ETIS-LaribPolypDB", null);

    /// <summary>
    /// Fundus photographs, optic cup and disc (Orlando et al. 2020): label images of 0 (cup), 128 (rim of the disc) and
    /// 255. The labels are <c>cup</c> and <c>disc</c>, the disc with its cup. No split is published with the code: the parts
    /// are the owners' folders (Training400, Validation400, Test400, or train, val, test).
    /// </summary>
    public static PublishedDataset Refuge { get; } = new PublishedDataset(
        "REFUGE",
        Modality.Fundus,
        new FolderDatasetOptions { Labels = [LabelSource.Indices("cup", 0), LabelSource.Indices("disc", 0, 128)], Background = [255] })
        .InFolders(Train, "train", "Training400", "REFUGE-Training400").InFolders(
            Validation, "val", "validation", "Validation400", "REFUGE-Validation400").InFolders(
            Test, "test", "Test400", "REFUGE-Test400");

    /// <summary>
    /// Fundus photographs, optic cup and disc (Sivaswamy et al. 2014): soft maps of four annotators
    /// (<c>…_cupsegSoftmap.png</c>, <c>…_ODsegSoftmap.png</c>) cut at one half, or the folders <c>masks_cup</c> and
    /// <c>masks</c>. The labels are <c>cup</c> and <c>disc</c>. No split is published with the code: the parts are the owners' folders.
    /// </summary>
    public static PublishedDataset DrishtiGS { get; } = new PublishedDataset(
        "DRISHTI-GS",
        Modality.Fundus,
        new FolderDatasetOptions
        {
            Labels = [
                LabelSource.MaskFiles("cup", "_cupsegSoftmap", "masks_cup") with { Reading = MaskReading.Soft },
                LabelSource.MaskFiles("disc", "_ODsegSoftmap", "masks", "masks_disc") with { Reading = MaskReading.Soft }
            ],
        }).InFolders(Train, "Training").InFolders(Test, "Test");

    /// <summary>All published sets.</summary>
    public static IReadOnlyList<PublishedDataset> All { get; } =
    [
        Isic2018, Ph2, Covid19, Covid19Second, Busi, Stu, Dsb2018, MonuSeg2018, CvcClinicDB, Kvasir, Cvc300, CvcColonDB, EtisLaribPolypDB,
        Refuge, DrishtiGS,
    ];

    /// <summary>The set's name in the paper's tables.</summary>
    public string Name { get; }

    /// <summary>The kind of its images.</summary>
    public Modality Modality { get; }

    /// <summary>How its files become samples; a host changes single options with <c>with</c>.</summary>
    public FolderDatasetOptions Options { get; }

    /// <summary>The parts that it is divided into; empty where it is not.</summary>
    public IReadOnlyList<string> Parts =>
        [.. SplitFiles.Select(file => file.Part).Where(part => _names.ContainsKey(part) || _folders.ContainsKey(part))];

    /// <summary>The image names of a part of the published split, without extension.</summary>
    /// <param name="part"><see cref="Train"/>, <see cref="Validation"/> or <see cref="Test"/>.</param>
    /// <returns>The names in the published order; empty where no split is published for the part.</returns>
    public IReadOnlyList<string> PublishedNames(string part) => _names.GetValueOrDefault(part) ?? [];

    /// <summary>Opens all pairs that a folder holds.</summary>
    /// <param name="root">The set's folder, as the owners or the published loaders lay it out.</param>
    /// <param name="options">How its files become samples; null for <see cref="Options"/>.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">The folder does not exist or holds no pairs, or files lack their partner (unless they are left
    /// out).</exception>
    public FolderDataset OpenAll(string root, FolderDatasetOptions? options = null) => new(root, options ?? Options);

    /// <summary>Opens one part of the published split, in the published order.</summary>
    /// <param name="root">The set's folder, as the owners or the published loaders lay it out.</param>
    /// <param name="part"><see cref="Train"/>, <see cref="Validation"/> or <see cref="Test"/>.</param>
    /// <param name="options">How its files become samples; null for <see cref="Options"/>. With <see cref="UnpairedFiles.LeaveOut"/> a copy
    /// that lacks some files is opened nevertheless, and <see cref="FolderDataset.Findings"/> lists them.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">There is no such part or folder, or files of the part are missing (unless they are left out): all
    /// of them are listed.</exception>
    public FolderDataset Open(string root, string part, FolderDatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        options ??= Options;
        if (!Parts.Contains(part))
        {
            throw new DatasetException(new Problem(
                Name,
                $"the part '{part}'",
                Parts.Count == 0 ? "no part: the set is not divided" : $"one of {string.Join(", ", Parts)}",
                "Choose an existing part, or open the whole set"));
        }

        if (!_names.TryGetValue(part, out IReadOnlyList<string>? names))
        {
            return OpenByFolder(root, part, options);
        }

        string folder = FolderOf(root, part);
        var found = new FolderDataset(folder, options with { Unpaired = UnpairedFiles.LeaveOut });
        Dictionary<string, SampleFiles> byStem = Enumerable.Range(0, found.Count)
            .Select(found.FilesOf)
            .GroupBy(files => Path.GetFileNameWithoutExtension(files.Image), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
        return new FolderDataset(
            names.Select(name => (name, byStem.GetValueOrDefault(name) ?? new SampleFiles(Path.Combine(folder, name), []))), options);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static PublishedDataset Create(string name, Modality modality, ImageChannels channels) =>
        new(name, modality, new FolderDatasetOptions { Channels = channels });

    private PublishedDataset WithSplit(string files)
    {
        foreach ((string part, string suffix) in SplitFiles)
        {
            if (Names($"{files}_{suffix}") is { } names)
            {
                _names[part] = names;
            }
        }

        return this;
    }

    /// <summary>
    /// The published polyp folders hold one training set of two sets' images, told apart by their names, and a test set for each.
    /// </summary>
    private PublishedDataset WithPolypSplit(string set, Func<string, bool>? inTraining)
    {
        if (inTraining is not null)
        {
            _names[Train] = [.. Names("PolypSegData_train")!.Where(inTraining)];
            InFolders(Train, "TrainDataset");
        }

        _names[Test] = Names($"PolypSegData_{set}_test")!;
        return InFolders(Test, $"TestDataset/TestDataset/{set}", $"TestDataset/{set}", set);
    }

    private PublishedDataset InFolders(string part, params string[] folders)
    {
        _folders[part] = folders;
        return this;
    }

    /// <summary>
    /// The part's own folder below the root where it has one, the root otherwise; a folder may lie one level deeper than expected.
    /// </summary>
    private string FolderOf(string root, string part)
    {
        if (!_folders.TryGetValue(part, out string[]? folders) || !Directory.Exists(root))
        {
            return root;
        }

        IEnumerable<string> roots = [root, .. Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)];
        return roots
            .SelectMany(parent => folders.Select(folder => Path.Combine(parent, folder.Replace('/', Path.DirectorySeparatorChar))))
            .FirstOrDefault(path => Directory.Exists(path) && Directory.EnumerateDirectories(path).Any()) ?? root;
    }

    /// <summary>The pairs whose image lies in a folder of the part; images and masks of a part may lie in different folders.</summary>
    private FolderDataset OpenByFolder(string root, string part, FolderDatasetOptions options)
    {
        var found = new FolderDataset(root, options with { Unpaired = UnpairedFiles.LeaveOut });
        (string Name, SampleFiles Files)[] pairs =
        [
            .. Enumerable.Range(0, found.Count).Select(index => (found.NameOf(index), found.FilesOf(index))),
            .. found.Findings.Where(finding => finding.Kind == FindingKind.MissingMask)
                .Select(finding => (finding.Problem.Subject, new SampleFiles(finding.Problem.Subject, []))),
        ];
        pairs = [.. pairs.Where(pair => Path.GetRelativePath(root, pair.Files.Image)
            .Split(Path.DirectorySeparatorChar)
            .Intersect(_folders[part], StringComparer.OrdinalIgnoreCase)
            .Any())];
        return pairs.Length > 0
            ? new FolderDataset(pairs, options)
            : throw new DatasetException(new Problem(
                root,
                $"no images in a folder of the part '{part}'",
                $"one of the folders {string.Join(", ", _folders[part])}",
                "Check the root folder, or open the whole set and split it"));
    }

    private static string[]? Names(string resource)
    {
        using Stream? stream = typeof(PublishedDataset).Assembly.GetManifestResourceStream($"MadgNet.Core.Data.Splits.{resource}.csv");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return [.. DelimitedText.Parse(reader.ReadToEnd(), resource).Select(row =>
            SampleName.Stem(row.Cells.GetValueOrDefault("image_path") ?? row.Cells["imageid"]))];
    }

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex Number();
}
