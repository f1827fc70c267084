using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Series;

/// <summary>
/// The slices that one examination step made, in the order in which they lie in the patient. Nothing is invented: what is missing,
/// doubled or turned is a finding.
/// </summary>
public sealed class DicomSeries
{
    private readonly DicomReadOptions _options;
    private readonly DicomFile? _file;

    internal DicomSeries(
        string uid,
        string? modality,
        IReadOnlyList<SeriesSlice> slices,
        IReadOnlyList<Finding> findings,
        DicomReadOptions options,
        DicomFile? file = null)
    {
        (Uid, Modality, Slices, Findings, _options, _file) = (uid, modality, slices, findings, options, file);
    }

    /// <summary>The series' identifier.</summary>
    public string Uid { get; }

    /// <summary>The kind of machine: CT, MR …; null where the files do not say.</summary>
    public string? Modality { get; }

    /// <summary>
    /// The slices by their position along the normal, against it where the normal points down: axial ones from the feet to the head.
    /// By the machine's numbers where positions are not stated.
    /// </summary>
    public IReadOnlyList<SeriesSlice> Slices { get; }

    /// <summary>What is odd about the series: gaps, doubled positions, other directions, mixed sizes, unread syntaxes.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>Height of the slices in pixels.</summary>
    public int Rows => Slices[0].Rows;

    /// <summary>Width of the slices in pixels.</summary>
    public int Columns => Slices[0].Columns;

    /// <summary>The distance of rows and columns in millimetres; null where the files do not say.</summary>
    public PixelSpacing? Spacing => Slices[0].Geometry?.Spacing;

    /// <summary>The middle one of the distances of neighbouring slices, in millimetres; null with one slice or without
    /// positions.</summary>
    public double? SliceDistance => SeriesOrder.Distances(Slices) is { Length: > 0 } distances ? SeriesOrder.Median(distances) : null;

    /// <summary>
    /// Where the voxels of the series lie in NIfTI's space, its columns, rows and slices being i, j and k; null where slices do not say
    /// where they lie, or lie at uneven distances.
    /// </summary>
    /// <returns>The affine.</returns>
    public Affine? ToAffine() => VoxelGrid.Of(this);

    /// <summary>Finds all series below a folder, or those that a DICOMDIR names. Pixels are not read.</summary>
    /// <param name="path">A folder, or a DICOMDIR.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The series with pixels, by identifier; files that are no DICOM are passed over. Possibly none.</returns>
    /// <exception cref="MedicalFileException">There is no such folder, or the DICOMDIR is damaged.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static IReadOnlyList<DicomSeries> Find(string path, DicomReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= DicomReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(DicomSeries), options.Validate());
        return SeriesFinder.Find(SeriesFinder.Files(path, options), options);
    }

    /// <summary>Finds the series that files make. Pixels are not read.</summary>
    /// <param name="paths">The files; those that are no DICOM are passed over.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The series with pixels, by identifier. Possibly none.</returns>
    /// <exception cref="MedicalFileException">No file can be read.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static IReadOnlyList<DicomSeries> FromFiles(IReadOnlyList<string> paths, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        options ??= DicomReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(DicomSeries), options.Validate());
        return SeriesFinder.Find(paths, options);
    }

    /// <summary>The series that one image in memory makes: nothing is read from a disk, now or later.</summary>
    /// <param name="file">The image, of one frame or more.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The series.</returns>
    /// <exception cref="MedicalFileException">The file holds no image, or a segmentation.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomSeries FromFile(DicomFile file, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        options ??= DicomReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(DicomSeries), options.Validate());
        return SeriesFinder.Of(file, options);
    }

    /// <summary>Reads the one series that a folder or DICOMDIR holds, or that one file of several frames is.</summary>
    /// <param name="path">A folder, a DICOMDIR, or a DICOM image.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The series.</returns>
    /// <exception cref="MedicalFileException">There is none, or there are several: use <see cref="Find"/> and choose.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static DicomSeries Load(string path, DicomReadOptions? options = null)
    {
        IReadOnlyList<DicomSeries> found = Find(path, options);
        return found.Count == 1
            ? found[0]
            : throw new MedicalFileException(
                MedicalFileFault.Inconsistent,
                path,
                found.Count == 0
                    ? "no DICOM images"
                    : $"{found.Count} series ({string.Join(", ", found.Take(4).Select(series => $"{series.Modality} of {series.Slices.Count}"))})",
                "the slices of one series",
                found.Count == 0 ? "Check the path" : "Put each series into a folder of its own, or choose one with DicomSeries.Find");
    }

    /// <summary>Reads the image that a slice is in; <see cref="SeriesSlice.Frame"/> says which frame it is.</summary>
    /// <param name="index">0 … <see cref="Slices"/>.Count − 1.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice.</exception>
    /// <exception cref="MedicalFileException">The file is damaged, or is compressed as nobody here unpacks it.</exception>
    public DicomImage Open(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Slices.Count, nameof(index));
        return _file is null ? DicomImage.Read(Slices[index].Path, _options) : new DicomImage(_file, _options);
    }

    /// <summary>The header of one of the series' files.</summary>
    internal DicomDataset Header(string path) => (_file ?? DicomFile.ReadHeader(path)).Dataset;
}
