using System.Text.RegularExpressions;

namespace MadgNet.Core.Data;

/// <summary>Finds out which files of a folder are images, which are masks, and which belong together.</summary>
/// <remarks>
/// A file is a mask if a folder above it says so (masks, Ground Truth, …) or its own name does (…_mask, …_segmentation, …).
/// Folders that name a role are taken out of the path; files whose remaining folders are equal are candidates for each
/// other, and are paired by their names without the usual suffixes and prefixes.
/// </remarks>
internal sealed partial class PairFinder
{
    private readonly string _root;
    private readonly string? _masks;
    private readonly FolderDatasetOptions _options;
    private readonly List<Finding> _findings = [];

    /// <summary>Creates a finder.</summary>
    /// <param name="root">The folder of everything; of the images alone where <paramref name="masks"/> is given.</param>
    /// <param name="masks">The folder whose files all are masks; null where names and folders have to tell.</param>
    /// <param name="options">How the files become samples.</param>
    public PairFinder(string root, string? masks, FolderDatasetOptions options)
    {
        _root = root;
        _masks = masks;
        _options = options;
    }

    private enum Role
    {
        None,
        Image,
        Mask,
        Ignored,
    }

    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>The pairs below the root, by name; names are unique.</summary>
    public IReadOnlyList<(string Name, SampleFiles Files)> Find()
    {
        List<Entry> entries = _masks is null
            ? [.. Files(_root).Select(path => Classify(path, Path.GetRelativePath(_root, path)))]
            : [.. Told(_root, _masks)];
        if (_masks is null
            && entries.TrueForAll(entry => entry.Role != Role.Mask)
            && RoleOf(Path.GetFileName(_root)) == Role.Image
            && Path.GetDirectoryName(_root) is { } parent)
        {
            // The folder of images itself was given: its masks lie beside it.
            foreach (string sibling in Directory.EnumerateDirectories(parent)
                .Where(folder => RoleOf(Path.GetFileName(folder)) == Role.Mask)
                .Order(StringComparer.Ordinal))
            {
                entries.AddRange(Files(sibling).Select(path => Classify(path, Path.GetRelativePath(parent, path))));
            }
        }

        entries.RemoveAll(entry => entry.Role == Role.Ignored);
        var owned = new Dictionary<Entry, List<string>>();
        var leftMasks = new List<Entry>();
        foreach (IGrouping<string, Entry> context in entries.GroupBy(entry => entry.Context, StringComparer.OrdinalIgnoreCase)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            Pair(context.Key, [.. context], owned, leftMasks);
        }

        PairAcrossFolders(owned, leftMasks);
        ReportUnpaired(owned, leftMasks);
        List<(string Context, string Stem, SampleFiles Files)> pairs = [.. owned
            .Where(pair => pair.Value.Count > 0)
            .Select(pair => (pair.Key.Context,
                pair.Key.Stem,
                new SampleFiles(pair.Key.Path, [.. pair.Value.Order(StringComparer.Ordinal)])))];
        HashSet<string> ambiguous = [.. pairs.GroupBy(pair => pair.Stem, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)];
        return [.. pairs
            .Select(pair => (Name: ambiguous.Contains(pair.Stem) ? $"{pair.Context}/{pair.Stem}" : pair.Stem, pair.Files))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)];
    }

    /// <summary>The files of two folders whose roles are known; one may lie inside the other.</summary>
    private IEnumerable<Entry> Told(string images, string masks)
    {
        IEnumerable<Entry> Of(string root, string other, Role role) => Files(root)
            .Where(path => !(IsInside(other, root) && IsInside(path, other)))
            .Select(path => Classify(path, Path.GetRelativePath(root, path)))
            .Where(entry => entry.Role != Role.Ignored)
            .Select(entry => entry with { Role = role });

        return Of(images, masks, Role.Image).Concat(Of(masks, images, Role.Mask));
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>What a folder's name says about the files in it.</summary>
    private static Role RoleOf(string folder)
    {
        string name = NotLetterOrDigit().Replace(folder, "").ToLowerInvariant();
        if (IgnoredFolder().IsMatch(name))
        {
            return Role.Ignored;
        }

        return MaskFolder().IsMatch(name) ? Role.Mask : ImageFolder().IsMatch(name) ? Role.Image : Role.None;
    }

    /// <summary>The files of the reader's formats below a folder; folders that cannot be read become findings.</summary>
    private IReadOnlyList<string> Files(string folder)
    {
        var found = FolderFiles.Find(folder, recursive: true, _options.Reader.Extensions);
        _findings.AddRange(found.Problems.Select(problem => new Finding(FindingKind.Unreadable, FindingSeverity.Error, problem, [])));
        return found.Paths;
    }

    private Entry Classify(string path, string relative)
    {
        string[] parts = relative.Split(Path.DirectorySeparatorChar);
        var context = new List<string>();
        Role role = Role.None;
        string folder = "";
        foreach (string part in parts[..^1])
        {
            Role own = _options.Labels.Any(label => label.Markers.Contains(part, StringComparer.OrdinalIgnoreCase))
                ? Role.Mask
                : RoleOf(part);
            if (own == Role.None)
            {
                context.Add(part);
            }
            else
            {
                (role, folder) = (own, part);
            }
        }

        string stem = Path.GetFileNameWithoutExtension(path);
        if (role is Role.None or Role.Image && (MaskSuffix().IsMatch(stem) || MarkerOf(stem) is not null))
        {
            role = Role.Mask;
        }

        return new Entry(path, stem, string.Join('/', context), role == Role.None ? Role.Image : role, folder);
    }

    private string? MarkerOf(string stem) => _options.Labels
        .SelectMany(label => label.Markers)
        .Where(marker => stem.Length > marker.Length && stem.EndsWith(marker, StringComparison.OrdinalIgnoreCase))
        .MaxBy(marker => marker.Length);

    private void Pair(string context, List<Entry> entries, Dictionary<Entry, List<string>> owned, List<Entry> leftMasks)
    {
        List<Entry> images = [.. entries.Where(entry => entry.Role == Role.Image)];
        List<Entry> masks = MasksThatCount(context, [.. entries.Where(entry => entry.Role == Role.Mask)]);
        foreach (IGrouping<string, Entry> same in images.GroupBy(image => image.Stem, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1)
            .ToList())
        {
            // Which of them the mask belongs to cannot be told: neither is used.
            _findings.Add(new Finding(
                FindingKind.MissingMask,
                FindingSeverity.Error,
                new Problem(
                    same.First().Path,
                    $"{same.Count()} images of one name ({string.Join(", ", same.Select(image => Path.GetFileName(image.Path)))})",
                    "one image of a name",
                    "Rename or remove the others"),
                [.. same.Skip(1).Select(image => image.Path)]));
            images.RemoveAll(image => same.Contains(image));
            masks.RemoveAll(mask => ImageStems(mask).Contains(same.Key, StringComparer.OrdinalIgnoreCase));
        }

        var exact = images.ToDictionary(image => image.Stem, StringComparer.OrdinalIgnoreCase);
        Dictionary<string, Entry> plain = Unique(images, image => PlainImage(image.Stem));
        foreach (Entry image in images)
        {
            owned.Add(image, []);
        }

        foreach (Entry mask in masks)
        {
            Entry? owner = ImageStems(mask).Select(stem => exact.GetValueOrDefault(stem)).FirstOrDefault(image => image is not null)
                ?? ImageStems(mask).Select(stem => plain.GetValueOrDefault(stem)).FirstOrDefault(image => image is not null)
                ?? (images.Count == 1 && mask.Folder.Length > 0 ? images[0] : null);
            if (owner is null)
            {
                leftMasks.Add(mask);
            }
            else
            {
                owned[owner].Add(mask.Path);
            }
        }
    }

    /// <summary>
    /// Pairs what lies in unrelated folders (REFUGE, Drishti-GS as their owners publish them): only by full names, and only
    /// where a name occurs once among all images.
    /// </summary>
    private void PairAcrossFolders(Dictionary<Entry, List<string>> owned, List<Entry> leftMasks)
    {
        Dictionary<string, Entry> byName = Unique(owned.Keys, image => image.Stem);
        HashSet<Entry> alone = [.. owned.Where(pair => pair.Value.Count == 0).Select(pair => pair.Key)];
        leftMasks.RemoveAll(mask =>
        {
            Entry? owner = ImageStems(mask).Select(stem => byName.GetValueOrDefault(stem)).FirstOrDefault(image => image is not null);
            bool found = owner is not null && alone.Contains(owner);
            if (found)
            {
                owned[owner!].Add(mask.Path);
            }

            return found;
        });
    }

    private void ReportUnpaired(Dictionary<Entry, List<string>> owned, List<Entry> leftMasks)
    {
        foreach (Entry mask in leftMasks)
        {
            _findings.Add(new Finding(
                FindingKind.MissingImage,
                FindingSeverity.Error,
                new Problem(
                    mask.Path,
                    "a mask without an image",
                    $"an image named like '{ImageStems(mask).Last()}' in {Where(mask.Context)}",
                    "Restore the image, rename one of the two, or set Unpaired to LeaveOut")));
        }

        foreach (Entry image in owned.Where(pair => pair.Value.Count == 0).Select(pair => pair.Key))
        {
            _findings.Add(new Finding(
                FindingKind.MissingMask,
                FindingSeverity.Error,
                new Problem(
                    image.Path,
                    "an image without a mask",
                    $"a mask named like '{image.Stem}' or '{image.Stem}_mask' in {Where(image.Context)}",
                    "Restore the mask, rename one of the two, or set Unpaired to LeaveOut")));
        }
    }

    private static Dictionary<string, Entry> Unique(IEnumerable<Entry> images, Func<Entry, string> key) => images
        .GroupBy(key, StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Count() == 1)
        .ToDictionary(group => group.Key, group => group.Single(), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The masks that the labels ask for. DRIVE and its kin keep the truth in <c>1st_manual</c> and the camera's field of
    /// view in <c>mask</c>: only the former counts.
    /// </summary>
    private List<Entry> MasksThatCount(string context, List<Entry> masks)
    {
        if (_options.Labels.All(label => label.Markers.Count > 0))
        {
            return [.. masks.Where(mask => _options.Labels.Any(label => label.Owns(mask.Path)))];
        }

        if (masks.Exists(mask => ManualFolder().IsMatch(mask.Folder)))
        {
            masks = [.. masks.Where(mask => ManualFolder().IsMatch(mask.Folder))];
        }

        string[] folders = [.. masks.Select(mask => mask.Folder).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (folders.Length > 1)
        {
            throw new DatasetException(new Problem(
                Path.Combine(_root, context),
                $"masks in {folders.Length} folders ("
                    + $"{string.Join(", ", folders.Select(folder => folder.Length == 0 ? "beside the images" : $"'{folder}'"))})",
                "one folder of masks, or a label for each",
                $"Say which folder is which label: Labels = [LabelSource.MaskFiles(\"name\", \"{folders[^1]}\"), …]"));
        }

        return masks;
    }

    /// <summary>The stems that a mask's image may have, the likeliest first.</summary>
    private List<string> ImageStems(Entry mask)
    {
        var stems = new List<string> { mask.Stem };
        string stem = mask.Stem;
        if (MarkerOf(stem) is { } marker)
        {
            stems.Add(stem[..^marker.Length]);
        }

        stems.Add(MaskSuffix().Replace(stem, ""));
        stems.Add(MaskPrefix().Replace(stems[^1], ""));
        return stems;
    }

    private static string PlainImage(string stem) => ImagePrefix().Replace(ImageSuffix().Replace(stem, ""), "");

    private string Where(string context) =>
        _masks is not null
            ? $"'{Path.Combine(_root, context)}' and '{Path.Combine(_masks, context)}'"
            : context.Length == 0 ? $"'{_root}'" : $"'{Path.Combine(_root, context)}'";

    [GeneratedRegex("[^a-zA-Z0-9]")]
    private static partial Regex NotLetterOrDigit();

    [GeneratedRegex("(^|[a-z])(roi|fov|2ndmanual|normalizedimage)$")]
    private static partial Regex IgnoredFolder();

    [GeneratedRegex("^masks?[a-z0-9]*$"
        + "|(masks?|groundtruths?|labels?|annotations?|segmentations?|manual|lesion|truths?)$|^(gts?|targets?|annots?)$")]
    private static partial Regex MaskFolder();

    [GeneratedRegex("(images?|imgs?|originals?|inputs?)$")]
    private static partial Regex ImageFolder();

    [GeneratedRegex("manual", RegexOptions.IgnoreCase)]
    private static partial Regex ManualFolder();

    [GeneratedRegex(
        @"[ _.\-](masks?|segmentations?|seg|lesion|gt|ground[ _\-]?truth|labels?|annotations?|annot|manual|truth|target)([ _\-]?\d+)?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex MaskSuffix();

    [GeneratedRegex(@"^((masks?|labels?|gt|seg|annotation)[ _\-]|p(?=\d+$))", RegexOptions.IgnoreCase)]
    private static partial Regex MaskPrefix();

    [GeneratedRegex(@"[ _\-](training|train|test|image|img|input|original)$", RegexOptions.IgnoreCase)]
    private static partial Regex ImageSuffix();

    [GeneratedRegex(@"^(test[ _\-]?image|image|img|im)[ _\-]", RegexOptions.IgnoreCase)]
    private static partial Regex ImagePrefix();

    private sealed record Entry(string Path, string Stem, string Context, Role Role, string Folder);
}
