using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Seg;

/// <summary>The headers of a series that is segmented: what a segmentation copies from them and refers to.</summary>
internal sealed class SegSource
{
    private readonly Dictionary<string, DicomDataset> _headers = new(StringComparer.Ordinal);

    /// <exception cref="MedicalFileException">A file cannot be read, or lacks an identifier that is referred to.</exception>
    public SegSource(DicomSeries series)
    {
        Series = series;
        foreach (string path in series.Slices.Select(slice => slice.Path).Distinct(StringComparer.Ordinal))
        {
            _headers.Add(path, series.Header(path));
        }

        foreach (SeriesSlice slice in series.Slices.Where(slice => slice.SopClass.Length == 0 || slice.SopInstance.Length == 0))
        {
            throw Lacking(slice.Path, "SOP class and instance");
        }

        if (Header(0).Text(Tags.StudyInstance) is null || series.Uid.Length == 0)
        {
            throw Lacking(series.Slices[0].Path, "study and series");
        }
    }

    public DicomSeries Series { get; }

    /// <summary>Whether all slices say where they lie, in one frame of reference.</summary>
    public bool HasGeometry => Series.Slices.All(slice => slice.Geometry is { FrameOfReference: not null });

    /// <summary>The header of the file that a slice is in.</summary>
    public DicomDataset Header(int slice) => _headers[Series.Slices[slice].Path];

    /// <summary>A slice's attribute of one of the functional groups, as its texts.</summary>
    public IReadOnlyList<string> Texts(int slice, DicomTag group, DicomTag tag) =>
        FunctionalGroups.Find(Header(slice), Series.Slices[slice].Frame, group).Texts(tag);

    private static MedicalFileException Lacking(string path, string what) => new(
        MedicalFileFault.Unsupported,
        path,
        $"an image without the identifiers of its {what}",
        "an image that a segmentation can refer to",
        "Write the masks as NIfTI or PNG, or fetch the image from its archive");
}
