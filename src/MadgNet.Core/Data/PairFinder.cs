using System.Text.RegularExpressions;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data;

/// <summary>Finds out which files of a folder are images, which are masks, and which belong together.</summary>
/// <remarks>
/// A file is a mask if a folder above it says so (masks, Ground Truth, …); where no folder names masks, if its own name does (…_mask,
/// …_segmentation, …).
/// Folders that name a role are taken out of the path; files whose remaining folders are equal are candidates for each
/// other, and are paired by their names without the usual suffixes and prefixes.
/// </remarks>
internal sealed partial class PairFinder
{
    private readonly string _root;
    private readonly string? _masks;
    private readonly FolderDatasetOptions _options;
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _cases = new(StringComparer.Ordinal);

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
        if (_masks is not null)
        {
            return Match(Cases([.. Told(_root, _masks)]));
        }

        List<Entry> entries = [.. Files(_root).Select(path => Classify(path, Path.GetRelativePath(_root, path)))];
        string[] siblings = entries.TrueForAll(entry => entry.Role != Role.Mask)
            && RoleOf(Path.GetFileName(_root)) == Role.Image
            && Path.GetDirectoryName(_root) is { } parent
                ? [.. Directory.EnumerateDirectories(parent)
                    .Where(folder => RoleOf(Path.GetFileName(folder)) == Role.Mask)
                    .Order(StringComparer.Ordinal)]
                : [];
        if (siblings.Length == 0)
        {
            return Match(Cases(ByName(entries)));
        }

        // The folder of images itself was given: its masks lie beside it.
        return Match(Cases([
            .. entries.Select(entry => entry.Role == Role.None ? entry with { Role = Role.Image } : entry),
            .. siblings.SelectMany(sibling => Files(sibling))
                .Select(path => Classify(path, Path.GetRelativePath(Path.GetDirectoryName(_root)!, path)))]));
    }

    /// <summary>Pairs predictions with the masks of the folder of masks, by the rule for images.</summary>
    /// <param name="predictions">The path that stands for a prediction, and its path below its folder without what marks a label or a
    /// kind of file.</param>
    public IReadOnlyList<(string Name, SampleFiles Files)> FindFor(IReadOnlyList<(string Path, string Relative)> predictions) => Match([
        .. predictions.Select(prediction => Classify(prediction.Path, prediction.Relative) with
        {
            Role = Role.Image,
            Stem = NameForm.Compose(prediction.Relative[(prediction.Relative.LastIndexOf(Path.DirectorySeparatorChar) + 1)..]),
        }),
        .. Files(_masks!, arrays: true).Select(path => Classify(path, Path.GetRelativePath(_masks!, path)) with { Role = Role.Mask }),
    ]);

    /// <summary>Makes one image of the files of each case, where a network takes several.</summary>
    private List<Entry> Cases(List<Entry> entries)
    {
        if (_options.Input is not { Files.Count: > 0 } input)
        {
            return entries;
        }

        var result = new List<Entry>(entries.Where(entry => entry.Role != Role.Image));
        foreach (IGrouping<(string Context, string Case), Entry> files in entries
            .Where(entry => entry.Role == Role.Image)
            .GroupBy(entry => (entry.Context, NameForm.Compose(InputReader.CaseOf(entry.Path, input)))))
        {
            var paths = new string?[input.Files.Count];
            string? problem = null;
            foreach (Entry file in files)
            {
                int channel = InputReader.SuffixOf(file.Path, input);
                problem ??= channel < 0 ? "a file whose name does not say which channel it is"
                    : paths[channel] is { } other ? $"the channel '{input.Files[channel]}' a second time, beside {other}"
                    : null;
                if (channel >= 0)
                {
                    paths[channel] ??= file.Path;
                }
            }

            int missing = Array.IndexOf(paths, null);
            problem ??= missing >= 0 ? $"a case without '{files.Key.Case}{input.Files[missing]}'" : null;
            Entry first = files.First();
            if (problem is not null)
            {
                _findings.Add(new Finding(
                    FindingKind.MissingImage,
                    FindingSeverity.Error,
                    new Problem(
                        first.Path,
                        problem,
                        $"one file for each of {string.Join(", ", input.Files)}",
                        "Restore or rename the file, or set Unpaired to LeaveOut"),
                    [.. files.Skip(1).Select(file => file.Path)]));
                continue;
            }

            string[] all = [.. paths.OfType<string>()];
            _cases[all[0]] = all;
            result.Add(first with { Path = all[0], Stem = files.Key.Case });
        }

        return result;
    }

    /// <summary>The pairs among files whose roles are known.</summary>
    private List<(string Name, SampleFiles Files)> Match(List<Entry> entries)
    {
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
                new SampleFiles(pair.Key.Path, [.. pair.Value.Order(StringComparer.Ordinal)])
                {
                    Images = _cases.GetValueOrDefault(pair.Key.Path) ?? [pair.Key.Path],
                }))];
        HashSet<string> ambiguous = [.. pairs.GroupBy(pair => pair.Stem, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)];
        return [.. pairs
            .Select(pair => (Name: ambiguous.Contains(pair.Stem) ? $"{pair.Context}/{pair.Stem}" : pair.Stem, pair.Files))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Lets names decide where no folder does: in a tree without a folder of masks, also the files in a folder of images.
    /// </summary>
    private List<Entry> ByName(List<Entry> entries)
    {
        bool told = entries.Exists(entry => entry.Role == Role.Mask);
        return [.. entries.Select(entry => entry.Role == Role.None || (entry.Role == Role.Image && !told)
            ? entry with { Role = MaskSuffix().IsMatch(entry.Stem) || MarkerOf(entry.Stem) is not null ? Role.Mask : Role.Image }
            : entry)];
    }

    /// <summary>The files of two folders whose roles are known; one may lie inside the other.</summary>
    private IEnumerable<Entry> Told(string images, string masks)
    {
        IEnumerable<Entry> Of(string root, string other, Role role) => Files(root, arrays: role == Role.Mask)
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

    /// <summary>The files of a folder that may be images, or masks in arrays too; folders that cannot be read become findings.</summary>
    public IReadOnlyList<string> Files(string folder, bool arrays = false)
    {
        IReadOnlyCollection<string> extensions = arrays || _options.Input is { ReadsSeveral: true }
            ? [.. _options.Reader.Extensions, MaskFile.ArrayExtension]
            : _options.Reader.Extensions;
        var found = FolderFiles.Find(folder, recursive: true, extensions);
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
                context.Add(NameForm.Compose(part));
            }
            else
            {
                (role, folder) = (own, part);

                // Training and test set of the medical decathlon lie side by side, with equal names.
                if (Decathlon().Match(part) is { Success: true } set)
                {
                    context.Add(set.Groups[1].Value);
                }
            }
        }

        string stem = NameForm.Compose(Path.GetFileNameWithoutExtension(path));
        if (role is Role.None or Role.Image && CellposeFlow().IsMatch(stem))
        {
            role = Role.Ignored;
        }

        return new Entry(path, stem, string.Join('/', context), role, folder);
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

        stems.Add(MaskSuffix().Replace(Probability().Replace(stem, ""), ""));
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

    [GeneratedRegex("(^|[a-z])(roi|fov|2ndmanual|normalizedimage|segmentationobject)$")]
    private static partial Regex IgnoredFolder();

    [GeneratedRegex("^masks?[a-z0-9]*$"
        + "|(masks?|groundtruths?|labels?|annotations?|segmentations?|segmentationclass(aug|raw)?|manual|lesion|truths?)(tr|ts)?$"
        + "|^(gts?|targets?|annots?|anndirs?)$")]
    private static partial Regex MaskFolder();

    [GeneratedRegex("(images?|imgs?|imgdirs?|originals?|inputs?)(tr|ts)?$")]
    private static partial Regex ImageFolder();

    [GeneratedRegex("manual", RegexOptions.IgnoreCase)]
    private static partial Regex ManualFolder();

    [GeneratedRegex(
        @"[ _.\-](cp[ _\-])?(masks?|segmentations?|seg|lesion|gt|ground[ _\-]?truth|labels?|annotations?|annot|manual|truth|target)([ _\-]?\d+)?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex MaskSuffix();

    [GeneratedRegex(@"^((masks?|labels?|gt|seg|annotation)([ _\-]|(?=\d+$))|p(?=\d+$))", RegexOptions.IgnoreCase)]
    private static partial Regex MaskPrefix();

    [GeneratedRegex(@"[ _\-](training|train|test|image|img|input|original|0000)$", RegexOptions.IgnoreCase)]
    private static partial Regex ImageSuffix();

    [GeneratedRegex(@"^(test[ _\-]?image|image|img|im)([ _\-]|(?=\d+$))", RegexOptions.IgnoreCase)]
    private static partial Regex ImagePrefix();

    /// <summary>What Cellpose writes beside an image and its masks.</summary>
    [GeneratedRegex("_flows$", RegexOptions.IgnoreCase)]
    private static partial Regex CellposeFlow();

    /// <summary>Folders of the medical segmentation decathlon, nnU-Net and MONAI: imagesTr, labelsTr, imagesTs.</summary>
    [GeneratedRegex("^(?:images|labels)(Tr|Ts)$", RegexOptions.IgnoreCase)]
    private static partial Regex Decathlon();

    /// <summary>What predictions in arrays are called.</summary>
    [GeneratedRegex(@"\.prob$", RegexOptions.IgnoreCase)]
    private static partial Regex Probability();

    private sealed record Entry(string Path, string Stem, string Context, Role Role, string Folder);
}
