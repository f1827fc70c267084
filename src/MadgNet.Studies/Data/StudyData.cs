using MadgNet.Core.Data;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Studies.Data;

/// <summary>The sets of a study below one folder, divided by its protocol.</summary>
internal sealed class StudyData
{
    private const string TestPart = "test";
    private const string ValidationPart = "validation";
    private const string TrainingPart = "train";

    private readonly string _root;
    private readonly Study _study;

    /// <summary>Looks for the sets; no image is read yet.</summary>
    /// <exception cref="StudyException">The folder or sets of it are missing: all of them are listed.</exception>
    public StudyData(string root, Study study)
    {
        _root = root;
        _study = study;
        if (!Directory.Exists(root))
        {
            throw new StudyException("data", [new Problem(
                root,
                File.Exists(root) ? "a file" : "no such folder",
                "the folder of the study's sets",
                "Check --data (StudyRunOptions.Data)")]);
        }

        string[] missing = [.. study.Protocol.Sets.Where(name => !Directory.Exists(Images(name)) || !Directory.Exists(Masks(name)))];
        StudyException.ThrowIfAny("data", [.. missing.Select(name => new Problem(
            Path.Combine(root, name),
            Directory.Exists(Path.Combine(root, name)) ? "a folder without images and masks in it" : "no such folder",
            "a folder of a set, with the folders images and masks in it",
            $"Put the set there, or name the sets that you have: --seen and --unseen (StudyOverrides); {root} holds "
                + $"{string.Join(", ", Present(root).DefaultIfEmpty("no set"))}"))]);
    }

    /// <summary>The images of a variant.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="recipe">How files are read.</param>
    /// <exception cref="DatasetException">A set cannot be opened or divided.</exception>
    public CellData For(StudyVariant variant, Recipe recipe)
    {
        StudyProtocol protocol = _study.ProtocolOf(variant);
        IReadOnlyList<string> trained = _study.TrainOf(variant);
        var training = new List<(string, IDataset)>();
        var validation = new List<(string, IDataset)>();
        var tests = new List<TestSet>();
        foreach (StudySet set in protocol.Seen)
        {
            IDataset all = Open(set, recipe);
            DatasetSplit split = Divide(all, set, protocol);
            IDataset Part(string part, int? most, double share) =>
                Chosen(protocol, split.Of(all, part), most, share, protocol.SplitSeed);

            if (trained.Contains(set.Name, StringComparer.Ordinal))
            {
                training.Add((set.Name, Part(TrainingPart, protocol.TrainingImages, protocol.Share)));
                if (protocol.ValidationShare > 0)
                {
                    validation.Add((set.Name, Part(ValidationPart, protocol.ValidationImages, 1)));
                }
            }

            tests.Add(new TestSet(set.Name, trained.Contains(set.Name, StringComparer.Ordinal), Part(TestPart, protocol.TestImages, 1)));
        }

        tests.AddRange(protocol.Unseen.Select(set => new TestSet(
            set.Name, false, Chosen(protocol, Open(set, recipe), protocol.TestImages, 1, protocol.SplitSeed))));
        return new CellData(
            DatasetExtensions.Combine(training), validation.Count == 0 ? null : DatasetExtensions.Combine(validation), tests);
    }

    private static IEnumerable<string> Present(string root) => Directory.EnumerateDirectories(root)
        .Where(folder => Directory.Exists(Path.Combine(folder, "images")) && Directory.Exists(Path.Combine(folder, "masks")))
        .Select(folder => Path.GetFileName(folder))
        .Order(StringComparer.Ordinal);

    /// <summary>Divides a set; neighbours by number stay together.</summary>
    private static DatasetSplit Divide(IDataset all, StudySet set, StudyProtocol protocol)
    {
        string[] ordered = [.. all.Names().Order(NaturalOrder.Instance)];
        Dictionary<string, int> groups = ordered.Select((name, index) => (name, index / set.Consecutive)).ToDictionary(
            pair => pair.name, pair => pair.Item2, StringComparer.Ordinal);
        double rest = 1 - protocol.TestShare - protocol.ValidationShare;
        (string, double)[] parts = protocol.ValidationShare > 0
            ? [(TestPart, protocol.TestShare), (ValidationPart, protocol.ValidationShare), (TrainingPart, rest)]
            : [(TestPart, protocol.TestShare), (TrainingPart, rest)];
        return DatasetSplit.Random(all, parts, protocol.SplitSeed, name => $"{groups[name]:D9}");
    }

    /// <summary>The part of some images that is used: a smaller one is contained in every larger one.</summary>
    private static IDataset Chosen(StudyProtocol protocol, IDataset images, int? most, double share, long seed)
    {
        IDataset chosen = images;
        int count = Math.Min(most ?? int.MaxValue, Math.Max(1, (int)Math.Ceiling((share * images.Count) - 1e-9)));
        if (count < images.Count)
        {
            HashSet<string> kept = [.. images.Names().OrderBy(name => Rank(name, seed), StringComparer.Ordinal).Take(count)];
            chosen = images.Where(kept.Contains);
        }

        return protocol.Channels is { } channels ? new ChannelChoice(chosen, channels) : chosen;
    }

    /// <summary>A place in an order by chance that follows from name and seed alone.</summary>
    private static string Rank(string name, long seed) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}\n{name}"))));

    private FolderDataset Open(StudySet set, Recipe recipe) =>
        FolderDataset.FromFolders(Images(set.Name), Masks(set.Name), recipe.Dataset);

    private string Images(string name) => Path.Combine(_root, name, "images");

    private string Masks(string name) => Path.Combine(_root, name, "masks");
}
