using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Data;

/// <summary>Finds volumes and the masks that belong to them.</summary>
internal sealed class VolumePairs
{
    private readonly string _images;
    private readonly string _masks;
    private readonly FolderDatasetOptions _options;
    private readonly MedicalReadOptions _reading;
    private readonly List<Finding> _findings = [];

    public VolumePairs(string images, string masks, FolderDatasetOptions options, MedicalReadOptions reading)
    {
        (_images, _masks, _options, _reading) = (Existing(images, "images"), Existing(masks, "masks"), options, reading);
    }

    /// <summary>A series that has a file which cannot be read says so with each of its neighbours: once is enough.</summary>
    public IReadOnlyList<Finding> Findings => [.. _findings.DistinctBy(finding => (finding.Kind, finding.Problem))];

    /// <summary>Whether images and masks lie in one folder, told apart by their kind and their names.</summary>
    private bool IsOne => _images == _masks;

    /// <summary>The volumes that have masks, by name.</summary>
    /// <exception cref="DatasetException">There are none, or partners are missing and not to be left out.</exception>
    public IReadOnlyList<MaskedVolume> Find()
    {
        List<(string Name, SliceStack Stack)> stacks = Stacks();
        List<SegFile> segmentations = [.. Files(_masks)
            .Where(MedicalFolder.IsSegmentation)
            .Select(path => Guarded(() => SegFile.Read(path, _reading.Dicom)))
            .OfType<SegFile>()];
        Dictionary<string, List<string>> volumes = MedicalFolder.Nifti(Files(_masks))
            .Where(path => !IsOne || MaskNames.IsMask(path, _options.Labels))
            .GroupBy(CaseOf, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.ToList(), StringComparer.OrdinalIgnoreCase);
        var found = new List<MaskedVolume>();
        var unpaired = new List<Finding>();
        foreach ((string name, SliceStack stack) in stacks)
        {
            SegFile[] own = stack is DicomStack dicom ? [.. segmentations.Where(file => file.BelongsTo(dicom.Series))] : [];
            if (own.Length > 0)
            {
                segmentations.RemoveAll(own.Contains);
                if (Guarded(() => new SegMasks(own, ((DicomStack)stack).Series, _options.Labels)) is { } masks)
                {
                    found.Add(new MaskedVolume(name, stack, masks.Of));
                }
            }
            else if (volumes.Remove(name, out List<string>? files) || volumes.Remove(Path.GetFileName(name), out files))
            {
                if (Guarded(() => new NiftiMasks(files, stack, _options.Labels, _reading)) is { } masks)
                {
                    found.Add(new MaskedVolume(name, stack, masks.Of));
                }
            }
            else
            {
                unpaired.Add(Lost(FindingKind.MissingMask, stack.Name, $"a volume of {stack.Count} slices without masks", "a DICOM segmentation that refers to it, or a NIfTI file of its name"));
            }
        }

        unpaired.AddRange(segmentations.Select(file => Lost(
            FindingKind.MissingImage, file.Name, "a segmentation of a series that is not there", "the series that it refers to")));
        unpaired.AddRange(volumes.Values.SelectMany(files => files).Select(path => Lost(
            FindingKind.MissingImage, path, "a mask without its volume", $"a volume called '{CaseOf(path)}'")));
        if (unpaired.Count > 0 && _options.Unpaired == UnpairedFiles.Refuse)
        {
            throw new DatasetException([.. unpaired.Select(finding => finding.Problem)]);
        }

        _findings.AddRange(unpaired);
        return found.Count > 0
            ? [.. found.OrderBy(volume => volume.Name, StringComparer.Ordinal)]
            : throw new DatasetException(new Problem(
                _images,
                stacks.Count == 0 ? "no DICOM series and no NIfTI volumes" : $"{stacks.Count} volumes, none of them with masks",
                "volumes, and masks that refer to them or are called like them",
                "Check both folders"));
    }

    /// <summary>Series of different machines, and volumes of different pixel sizes.</summary>
    public static IEnumerable<Finding> Mixtures(IReadOnlyList<DicomSeries> series, IReadOnlyList<SliceStack> stacks)
    {
        IGrouping<string?, DicomSeries>[] kinds = [.. series.GroupBy(found => found.Modality).OrderByDescending(group => group.Count())];
        if (kinds.Length > 1)
        {
            yield return new Finding(
                FindingKind.MixedModality,
                FindingSeverity.Warning,
                new Problem(
                    kinds[1].First().Slices[0].Path,
                    $"series of {string.Join(", ", kinds.Select(kind => $"{kind.Key ?? "an unknown machine"} ({kind.Count()})"))}",
                    "one kind of machine",
                    "Train a network for each, or check that the others belong here"));
        }

        SliceStack[] spaced = [.. stacks.Where(found => found.Spacing is not null)];
        if (spaced.Length > 1)
        {
            double least = spaced.Min(found => found.Spacing!.Value.Row);
            double most = spaced.Max(found => found.Spacing!.Value.Row);
            const double Ratio = 1.5;
            if (most > least * Ratio)
            {
                yield return new Finding(
                    FindingKind.MixedSpacing,
                    FindingSeverity.Warning,
                    new Problem(
                        spaced.MaxBy(found => found.Spacing!.Value.Row)!.Name,
                        FormattableString.Invariant($"pixels from {least:0.###} to {most:0.###} mm"),
                        "images in which things have one size",
                        "Resample the series to one spacing, or train with random scaling"));
            }
        }
    }

    private List<(string Name, SliceStack Stack)> Stacks()
    {
        var stacks = new List<(string Name, SliceStack Stack)>();
        IReadOnlyList<DicomSeries> series = DicomSeries.Find(_images, _reading.Dicom);
        foreach (DicomSeries found in series)
        {
            string[] paths = [.. found.Slices.Select(slice => slice.Path).Distinct(StringComparer.Ordinal)];
            string name = paths.Length == 1
                ? MedicalFolder.NameOf(_images, paths[0])
                : Path.GetRelativePath(_images, Path.GetDirectoryName(paths[0])!).Replace(Path.DirectorySeparatorChar, '/');
            name = name == "." ? Path.GetFileName(_images) : name;
            string unique = name;
            for (int i = 2; stacks.Exists(stack => stack.Name == unique); i++)
            {
                unique = $"{name}-{i}";
            }

            stacks.Add((unique, new DicomStack(found, paths.Length == 1 ? paths[0] : Path.GetDirectoryName(paths[0]))));
            _findings.AddRange(found.Findings);
        }

        foreach (string path in MedicalFolder.Nifti(Files(_images)).Where(path => !IsOne || !MaskNames.IsMask(path, _options.Labels)))
        {
            if (Guarded(() => NiftiStack.Of(path, _reading)) is { } stack)
            {
                stacks.Add((MedicalFolder.NameOf(_images, path), stack));
            }
        }

        _findings.AddRange(Mixtures(series, [.. stacks.Select(stack => stack.Stack)]));
        return stacks;
    }

    /// <summary>What a file gives; where pairs may be left out, a damaged file is a finding instead.</summary>
    private T? Guarded<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (MadgNetException error) when (_options.Unpaired == UnpairedFiles.LeaveOut
            && error is (MedicalFileException or DatasetException))
        {
            IReadOnlyList<Problem> problems = error is DatasetException dataset
                ? dataset.Problems
                : [((MedicalFileException)error).Problem];
            _findings.AddRange(problems.Select(problem => new Finding(FindingKind.Unreadable, FindingSeverity.Error, problem)));
            return null;
        }
    }

    /// <summary>The files of a folder without those of the other one, where it lies inside.</summary>
    private IEnumerable<string> Files(string folder)
    {
        string other = (folder == _images ? _masks : _images) + Path.DirectorySeparatorChar;
        return IsOne ? MedicalFolder.Files(folder) : MedicalFolder.Files(folder).Where(path =>
            !other.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            || !path.StartsWith(other, StringComparison.Ordinal));
    }

    private string CaseOf(string path) => MaskNames.CaseOf(_masks, path, _options.Labels);

    private static string Existing(string folder, string what) => Directory.Exists(folder)
        ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
        : throw new DatasetException(new Problem(
            folder, File.Exists(folder) ? "a file" : "no such folder", $"a folder of {what}", "Check the path"));

    private static Finding Lost(FindingKind kind, string path, string received, string expected) => new(
        kind, FindingSeverity.Error, new Problem(path, received, expected, "Check both folders, or set Unpaired to LeaveOut"));
}
