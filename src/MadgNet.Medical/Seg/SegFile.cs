using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Seg;

/// <summary>
/// A DICOM segmentation of any kind, also of other programs: what was drawn in a viewer, for training and evaluation.
/// </summary>
/// <remarks>Frames are unpacked at each call. Safe to use from several threads at once.</remarks>
public sealed class SegFile
{
    /// <summary>Positions that differ by less, in millimetres, are one.</summary>
    private const double SamePosition = 0.01;

    private readonly DicomImage _image;
    private readonly int _maximum;

    /// <summary>Looks at a segmentation.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <exception cref="MedicalFileException">The file is no segmentation, or damaged.</exception>
    public SegFile(DicomFile file, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsSegmentation(file))
        {
            throw new MedicalFileException(
                MedicalFileFault.Foreign,
                file.Name,
                $"a DICOM object of the kind {file.SopClass ?? "unknown"}",
                "a segmentation (SEG)",
                "Choose the file with the masks");
        }

        _image = new DicomImage(file, options);
        Type = file.Dataset.Text(Tags.SegmentationType) switch
        {
            "BINARY" => SegmentationType.Binary,
            "FRACTIONAL" => SegmentationType.Fractional,
            "LABELMAP" => SegmentationType.LabelMap,
            null when file.SopClass == SegHeader.LabelMapClass => SegmentationType.LabelMap,
            _ => throw MedicalFileException.Damaged(file.Name, $"a segmentation without its type {Tags.SegmentationType}"),
        };
        _maximum = Type == SegmentationType.Fractional ? file.Dataset.Integer(Tags.MaximumFractionalValue) ?? 255 : 1;
        if (_maximum < 1)
        {
            throw MedicalFileException.Damaged(file.Name, $"a largest fraction {Tags.MaximumFractionalValue} of {_maximum}");
        }

        Segments = [.. file.Dataset.Sequence(Tags.SegmentSequence).Select((item, i) => Segment(item, i))];
        Frames = [.. Enumerable.Range(0, _image.Frames).Select(frame => Frame(file.Dataset, frame))];
    }

    /// <summary>The file's path, or the name that the caller gave a stream.</summary>
    public string Name => _image.File.Name;

    /// <summary>How segments are stored.</summary>
    public SegmentationType Type { get; }

    /// <summary>Height of the frames in pixels.</summary>
    public int Rows => _image.Format.Rows;

    /// <summary>Width of the frames in pixels.</summary>
    public int Columns => _image.Format.Columns;

    /// <summary>The segments.</summary>
    public IReadOnlyList<SegSegment> Segments { get; }

    /// <summary>The frames.</summary>
    public IReadOnlyList<SegFrame> Frames { get; }

    /// <summary>The series that the segmentation refers to; empty where it names none.</summary>
    public IReadOnlyList<string> ReferencedSeries => [.. _image.File.Dataset.Sequence(Tags.ReferencedSeriesSequence)
        .Select(item => item.Text(Tags.SeriesInstance))
        .OfType<string>()];

    /// <summary>The images that the segmentation refers to, whether a frame was drawn on them or not.</summary>
    internal IEnumerable<string> ReferencedInstances => _image.File.Dataset.Sequence(Tags.ReferencedSeriesSequence)
        .SelectMany(series => series.Sequence(Tags.ReferencedInstanceSequence))
        .Select(item => item.Text(Tags.ReferencedSopInstance))
        .OfType<string>();

    /// <summary>Whether a file is a segmentation.</summary>
    /// <param name="file">The file.</param>
    /// <returns>True where it is.</returns>
    public static bool IsSegmentation(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.SopClass is SegHeader.SegmentationClass or SegHeader.LabelMapClass;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and codecs; null for the defaults.</param>
    /// <returns>The segmentation.</returns>
    /// <exception cref="MedicalFileException">The file is missing, damaged or no segmentation.</exception>
    public static SegFile Read(string path, DicomReadOptions? options = null) => new(DicomFile.Read(path, options), options);

    /// <summary>The values of one frame.</summary>
    /// <param name="index">The frame, from 0.</param>
    /// <returns>
    /// 1×H×W: 0 and 1 of a binary segmentation, 0..1 of a fractional one, the numbers of segments of a label map.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="MedicalFileException">The frame is damaged.</exception>
    public FloatImage Plane(int index)
    {
        int[] stored = _image.Stored(index);
        var plane = new FloatImage(1, Rows, Columns);
        Span<float> data = plane.Data;
        for (int i = 0; i < stored.Length; i++)
        {
            data[i] = (float)stored[i] / _maximum;
        }

        return plane;
    }

    /// <summary>The mask of a segment in a slice of the series that it was drawn on.</summary>
    /// <param name="segment">The segment's number.</param>
    /// <param name="slice">The slice.</param>
    /// <returns>1×H×W, 0..1; all 0 where the file has no frame for it. Nothing of another slice is used.</returns>
    /// <exception cref="MedicalFileException">The segmentation has another grid than the slice, or no such segment.</exception>
    public FloatImage Mask(int segment, SeriesSlice slice)
    {
        ArgumentNullException.ThrowIfNull(slice);
        if (Segments.All(known => known.Number != segment))
        {
            throw new MedicalFileException(
                MedicalFileFault.Inconsistent,
                Name,
                $"segment {segment}",
                $"one of {string.Join(", ", Segments.Select(known => known.Number))}",
                "Choose a segment that the file has");
        }

        if ((slice.Rows, slice.Columns) != (Rows, Columns))
        {
            throw new MedicalFileException(
                MedicalFileFault.Inconsistent,
                Name,
                $"masks of {Columns}×{Rows} pixels for slices of {slice.Columns}×{slice.Rows}",
                "masks on the grid of their slices",
                "Choose the series that was segmented");
        }

        var mask = new FloatImage(1, Rows, Columns);
        foreach (SegFrame frame in Frames.Where(frame => (frame.Segment is null || frame.Segment == segment) && Covers(frame, slice)))
        {
            FloatImage plane = Plane(frame.Index);
            for (int i = 0; i < plane.Data.Length; i++)
            {
                float value = Type == SegmentationType.LabelMap ? (plane.Data[i] == segment ? 1 : 0) : plane.Data[i];
                mask.Data[i] = Math.Max(mask.Data[i], value);
            }
        }

        return mask;
    }

    /// <summary>The numbers of the segments in a slice.</summary>
    /// <param name="slice">The slice.</param>
    /// <returns>H×W numbers, 0 for the background; of fractions those that reach one half.</returns>
    /// <exception cref="MedicalFileException">Segments share pixels, or the grid is another one.</exception>
    public int[] LabelMap(SeriesSlice slice)
    {
        var map = new int[Rows * Columns];
        foreach (SegSegment segment in Segments)
        {
            FloatImage mask = Mask(segment.Number, slice);
            for (int i = 0; i < map.Length; i++)
            {
                if (mask.Data[i] < 0.5f)
                {
                    continue;
                }

                map[i] = map[i] == 0
                    ? segment.Number
                    : throw new MedicalFileException(
                        MedicalFileFault.Inconsistent,
                        Name,
                        $"segments {map[i]} and {segment.Number} that share pixels",
                        "one segment a pixel",
                        "Use Mask, which gives each segment a mask of its own");
            }
        }

        return map;
    }

    /// <summary>Whether the segmentation was drawn on a series: it refers to it, or a frame lies on one of its slices.</summary>
    /// <param name="series">The series.</param>
    /// <returns>True where it was.</returns>
    public bool BelongsTo(DicomSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        return ReferencedSeries.Contains(series.Uid)
            || ((series.Rows, series.Columns) == (Rows, Columns) && Frames.Any(frame => series.Slices.Any(slice => Covers(frame, slice))));
    }

    /// <summary>By reference where the frame names its images; by position in one frame of reference where it does not.</summary>
    private static bool Covers(SegFrame frame, SeriesSlice slice)
    {
        if (frame.Sources.Count > 0)
        {
            return frame.Sources.Any(source => source.SopInstance == slice.SopInstance
                && (source.Frame is null ? slice.FileFrames == 1 || SamePlace(frame, slice) : source.Frame == slice.Frame));
        }

        return SamePlace(frame, slice);
    }

    private static bool SamePlace(SegFrame frame, SeriesSlice slice) =>
        frame.Geometry is { } one && slice.Geometry is { } other && SamePlace(one, other);

    internal static bool SamePlace(SliceGeometry one, SliceGeometry other) => one.FrameOfReference == other.FrameOfReference
        && one.IsParallelTo(other)
        && (one.Position - other.Position).Length < SamePosition;

    private static SegFrame Frame(DicomDataset data, int index)
    {
        var sources = new List<(string, int?)>();
        if (FunctionalGroups.FindGroup(data, index, Tags.DerivationImageSequence) is { } derivation)
        {
            foreach (DicomDataset image in derivation.Sequence(Tags.SourceImageSequence))
            {
                if (image.Text(Tags.ReferencedSopInstance) is not { } instance)
                {
                    continue;
                }

                IReadOnlyList<double> numbers = image.Numbers(Tags.ReferencedFrameNumber);
                sources.AddRange(numbers.Count == 0 ? [(instance, null)] : numbers.Select(number => (instance, (int?)(int)number - 1)));
            }
        }

        return new SegFrame
        {
            Index = index,
            Segment = FunctionalGroups.FindGroup(data, index, Tags.SegmentIdentification)?.Integer(Tags.ReferencedSegmentNumber),
            Geometry = FunctionalGroups.Geometry(data, index),
            Sources = sources,
        };
    }

    private static SegSegment Segment(DicomDataset item, int index) => new()
    {
        Number = item.Integer(Tags.SegmentNumber) ?? (index + 1),
        Label = item.Text(Tags.SegmentLabel) ?? $"{index + 1}",
        Description = item.Text(Tags.SegmentDescription),
        Category = CodedConcept.Read(item, Tags.SegmentedPropertyCategory) ?? CodedConcept.Tissue,
        Type = CodedConcept.Read(item, Tags.SegmentedPropertyType) ?? CodedConcept.Tissue,
        Algorithm = item.Text(Tags.SegmentAlgorithmType) switch
        {
            "MANUAL" => SegAlgorithm.Manual,
            "SEMIAUTOMATIC" => SegAlgorithm.Semiautomatic,
            _ => SegAlgorithm.Automatic,
        },
        AlgorithmName = item.Text(Tags.SegmentAlgorithmName),
    };
}
