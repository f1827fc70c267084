using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;

namespace MadgNet.Medical.Data;

/// <summary>The masks of one volume: DICOM segmentations of one series, or NIfTI files of one name.</summary>
internal sealed class CaseMasks
{
    private readonly IReadOnlyList<LabelSource> _labels;

    private CaseMasks(
        string name, IReadOnlyList<SegFile> segmentations, IReadOnlyList<string> volumes, IReadOnlyList<LabelSource> labels)
    {
        (Name, Segmentations, Volumes, _labels) = (name, segmentations, volumes, labels);
    }

    /// <summary>The case's name: the path below the folder, without what marks a mask.</summary>
    public string Name { get; }

    public IReadOnlyList<SegFile> Segmentations { get; }

    /// <summary>The NIfTI files.</summary>
    public IReadOnlyList<string> Volumes { get; }

    /// <summary>The first file.</summary>
    public string Path => Segmentations.Count > 0 ? Segmentations[0].Name : Volumes[0];

    /// <summary>The cases of a folder.</summary>
    /// <exception cref="DatasetException">The folder does not exist.</exception>
    /// <exception cref="MedicalFileException">A segmentation is damaged.</exception>
    public static List<CaseMasks> Find(string folder, IReadOnlyList<LabelSource> labels, MedicalReadOptions reading, string what)
    {
        if (!Directory.Exists(folder))
        {
            throw new DatasetException(new Problem(
                folder, File.Exists(folder) ? "a file" : "no such folder", $"a folder of {what}", "Check the path"));
        }

        string[] files = [.. MedicalFolder.Files(folder)];
        var cases = files.Where(MedicalFolder.IsSegmentation)
            .Select(path => SegFile.Read(path, reading.Dicom))
            .GroupBy(file => file.ReferencedSeries is [var series, ..] ? series : file.Name, StringComparer.Ordinal)
            .Select(group => new CaseMasks(MaskNames.CaseOf(folder, group.First().Name, labels), [.. group], [], labels))
            .ToList();
        cases.AddRange(MedicalFolder.Nifti(files)
            .GroupBy(path => MaskNames.CaseOf(folder, path, labels), StringComparer.OrdinalIgnoreCase)
            .Select(group => new CaseMasks(group.Key, [], MaskNames.Preferred([.. group]), labels)));
        return cases;
    }

    /// <summary>Whether both are segmentations that refer to one series.</summary>
    public bool IsOfSameSeries(CaseMasks other) => Segmentations.Any(file => other.Segmentations.Any(
        one => one.ReferencedSeries.Intersect(file.ReferencedSeries, StringComparer.Ordinal).Any()));

    /// <summary>Whether both have one name, and do not refer to different series.</summary>
    public bool HasSameName(CaseMasks other) => Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase)
        && !(Segmentations.Any(file => file.ReferencedSeries.Count > 0)
            && other.Segmentations.Any(file => file.ReferencedSeries.Count > 0));

    /// <summary>The masks of each slice of a stack.</summary>
    /// <exception cref="DatasetException">A label is missing, or the masks have another grid.</exception>
    public Func<int, FloatImage[]> On(SliceStack stack, MedicalReadOptions reading) => Segmentations.Count > 0
        ? new SegMasks(Segmentations, ((DicomStack)stack).Series, _labels).Of
        : new NiftiMasks(Volumes, stack, _labels, reading).Of;
}
