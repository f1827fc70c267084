using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Data;

/// <summary>The masks of a series from its DICOM segmentations.</summary>
internal sealed class SegMasks
{
    private readonly DicomSeries _series;
    private readonly (SegFile File, int Segment)[][] _labels;

    /// <exception cref="DatasetException">A label is none of the segments.</exception>
    public SegMasks(IReadOnlyList<SegFile> files, DicomSeries series, IReadOnlyList<LabelSource> labels)
    {
        _series = series;
        _labels = [.. labels.Select(label => Segments(files, label, labels.Count == 1))];
    }

    /// <summary>One mask a label; segments of one label are united.</summary>
    public FloatImage[] Of(int slice)
    {
        var masks = new FloatImage[_labels.Length];
        for (int label = 0; label < masks.Length; label++)
        {
            var united = new FloatImage(1, _series.Rows, _series.Columns);
            foreach ((SegFile file, int segment) in _labels[label])
            {
                FloatImage mask = file.Mask(segment, _series.Slices[slice]);
                for (int i = 0; i < mask.Data.Length; i++)
                {
                    united.Data[i] = Math.Max(united.Data[i], mask.Data[i]);
                }
            }

            masks[label] = united;
        }

        return masks;
    }

    /// <summary>By number where the label names values, by name where it does not; a single label owns all.</summary>
    private static (SegFile File, int Segment)[] Segments(IReadOnlyList<SegFile> files, LabelSource label, bool single)
    {
        (SegFile File, int Segment)[] own = [.. files.SelectMany(file => file.Segments
            .Where(segment => label.Values.Count > 0
                ? label.Values.Contains(segment.Number)
                : (single && label.Markers.Count == 0) || segment.Label.Equals(label.Name, StringComparison.OrdinalIgnoreCase))
            .Select(segment => (file, segment.Number)))];
        return own.Length > 0
            ? own
            : throw new DatasetException(new Problem(
                files[0].Name,
                $"the segments {string.Join(", ", files.SelectMany(file => file.Segments).Select(segment => $"{segment.Number} '{segment.Label}'"))}",
                $"one of the label '{label.Name}'",
                "Call the label as its segment, or name its number with LabelSource.Indices"));
    }
}
