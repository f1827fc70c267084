using System.Globalization;
using MadgNet.Core.Inference;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Seg;

/// <summary>
/// Puts masks of a series' slices together to a DICOM segmentation and writes it. Masks have the slices' own grid; position, orientation,
/// spacing and frame of reference are the source's.
/// </summary>
/// <example>
/// <code>
/// DicomSeries series = DicomSeries.Load("ct");
/// var writer = new SegWriter(series, [new SegSegment { Label = "Liver" }]);
/// for (int slice = 0; slice &lt; series.Slices.Count; slice++)
/// {
///     writer.Add(slice, segment: 1, mask[slice]);
/// }
///
/// writer.Save("liver.seg.dcm");
/// </code>
/// </example>
public sealed class SegWriter
{
    private const int FractionMaximum = 255;

    private readonly SegSegment[] _segments;
    private readonly SortedDictionary<(int Segment, int Slice), byte[]> _planes = [];

    /// <summary>Begins a segmentation.</summary>
    /// <param name="source">The series that was segmented.</param>
    /// <param name="segments">The segments, 1 to 65535; their numbers are their places, from 1.</param>
    /// <param name="options">How it is written; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">Options or segments are invalid; lists all problems.</exception>
    public SegWriter(DicomSeries source, IReadOnlyList<SegSegment> segments, SegOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(segments);
        Options = options ?? new SegOptions();
        Source = source;
        List<Problem> problems = [.. Options.Validate(), .. segments.SelectMany((segment, i) =>
            segment.Validate().Select(problem => problem with { Subject = $"Segments[{i}].{problem.Subject}" }))];
        if (segments.Count is < 1 or > ushort.MaxValue)
        {
            problems.Add(new Problem("Segments", $"{segments.Count}", $"1 to {ushort.MaxValue}", "Name a segment for each label"));
        }

        InvalidOptionsException.ThrowIfAny(nameof(SegWriter), problems);
        _segments = [.. segments.Select((segment, i) => segment with { Number = i + 1 })];
    }

    /// <summary>The series that was segmented.</summary>
    public DicomSeries Source { get; }

    /// <summary>The segments, numbered.</summary>
    public IReadOnlyList<SegSegment> Segments => _segments;

    /// <summary>How the segmentation is written.</summary>
    public SegOptions Options { get; }

    /// <summary>Sets the mask of one segment in one slice.</summary>
    /// <param name="slice">The slice's place in the series, from 0.</param>
    /// <param name="segment">The segment's number, from 1.</param>
    /// <param name="mask">Rows × columns values; everything but 0 belongs to the segment. Copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice or segment.</exception>
    /// <exception cref="ArgumentException">The mask has another size than the slice.</exception>
    public void Add(int slice, int segment, ReadOnlySpan<byte> mask)
    {
        Check(slice, segment, mask.Length);
        var plane = new byte[mask.Length];
        for (int i = 0; i < plane.Length; i++)
        {
            plane[i] = mask[i] == 0 ? (byte)0 : (byte)FractionMaximum;
        }

        _planes[(segment, slice)] = plane;
    }

    /// <summary>Sets the probabilities of one segment in a slice; without <see cref="SegmentationType.Fractional"/> 0.5 and more is
    /// in it.</summary>
    /// <param name="slice">The slice's place in the series, from 0.</param>
    /// <param name="segment">The segment's number, from 1.</param>
    /// <param name="probability">Rows × columns values of 0..1. Copied, in steps of 1/255.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice or segment.</exception>
    /// <exception cref="ArgumentException">The map has another size than the slice, or holds values outside of 0..1.</exception>
    public void AddProbability(int slice, int segment, ReadOnlySpan<float> probability)
    {
        Check(slice, segment, probability.Length);
        bool fractional = Options.Type == SegmentationType.Fractional;
        var plane = new byte[probability.Length];
        for (int i = 0; i < plane.Length; i++)
        {
            float value = probability[i];
            if (!(value >= 0 && value <= 1))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"received a probability of {value}; expected 0 to 1. Pass the network's probabilities."),
                    nameof(probability));
            }

            plane[i] = fractional ? (byte)MathF.Round(value * FractionMaximum) : value >= 0.5f ? (byte)FractionMaximum : (byte)0;
        }

        _planes[(segment, slice)] = plane;
    }

    /// <summary>
    /// Sets all segments of one slice to what a network found: masks with threshold and post-processing, or probabilities for
    /// <see cref="SegmentationType.Fractional"/>.
    /// </summary>
    /// <param name="slice">The slice's place in the series, from 0.</param>
    /// <param name="prediction">What was found, one label a segment, at the slice's own size.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slice.</exception>
    /// <exception cref="ArgumentException">The prediction has another size than the slice, or not a label for each segment.</exception>
    public void Add(int slice, Prediction prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        if (prediction.Labels != _segments.Length)
        {
            throw new ArgumentException(
                $"received a prediction of {prediction.Labels} labels; expected {_segments.Length}, one for each segment. Name as many "
                    + $"segments as the network has labels.",
                nameof(prediction));
        }

        for (int label = 0; label < prediction.Labels; label++)
        {
            if (Options.Type == SegmentationType.Fractional)
            {
                AddProbability(slice, label + 1, prediction.Probability.Plane(label));
            }
            else
            {
                Add(slice, label + 1, prediction.Mask(label).Bytes);
            }
        }
    }

    /// <summary>Writes the segmentation. The file appears complete or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="MedicalFileException">The source cannot be read, lacks what a segmentation has to refer to, or segments of a
    /// label map share pixels.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public void Save(string path) => DicomWriter.Write(ToDataset(), path);

    /// <summary>The segmentation as a data set, with new identifiers at each call.</summary>
    /// <returns>The data set.</returns>
    /// <exception cref="MedicalFileException">As <see cref="Save"/>.</exception>
    public DicomDataset ToDataset()
    {
        var source = new SegSource(Source);
        List<(int Segment, int Slice, byte[] Plane)> frames = Options.Type == SegmentationType.LabelMap ? LabelMaps() : Planes();
        DateTimeOffset created = Options.Created ?? DateTimeOffset.Now;
        string date = created.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        string time = created.ToString("HHmmss", CultureInfo.InvariantCulture);
        DicomDataset data = SegHeader.Create(source, Options, _segments, date, time);
        SegFrames.Write(data, source, Options, frames, _segments.Length);
        return data;
    }

    /// <summary>The frames of single segments, by segment, then by position.</summary>
    private List<(int Segment, int Slice, byte[] Plane)> Planes()
    {
        int count = Source.Rows * Source.Columns;
        var frames = new List<(int Segment, int Slice, byte[] Plane)>();
        bool all = Options.KeepEmptyFrames || !_planes.Values.Any(HasPixels);
        var empty = new byte[count];
        for (int segment = 1; segment <= _segments.Length; segment++)
        {
            for (int slice = 0; slice < Source.Slices.Count; slice++)
            {
                byte[] plane = _planes.GetValueOrDefault((segment, slice)) ?? empty;
                if (all || HasPixels(plane))
                {
                    frames.Add((segment, slice, plane));
                }
            }
        }

        return frames;
    }

    /// <summary>One frame a slice whose values are the numbers of segments, two bytes each where there are many.</summary>
    private List<(int Segment, int Slice, byte[] Plane)> LabelMaps()
    {
        int count = Source.Rows * Source.Columns;
        int size = _segments.Length > byte.MaxValue ? 2 : 1;
        bool all = Options.KeepEmptyFrames || !_planes.Values.Any(HasPixels);
        var frames = new List<(int Segment, int Slice, byte[] Plane)>();
        for (int slice = 0; slice < Source.Slices.Count; slice++)
        {
            var map = new byte[count * size];
            bool any = false;
            for (int segment = 1; segment <= _segments.Length; segment++)
            {
                if (!_planes.TryGetValue((segment, slice), out byte[]? plane))
                {
                    continue;
                }

                for (int i = 0; i < count; i++)
                {
                    if (plane[i] == 0)
                    {
                        continue;
                    }

                    if (map[i * size] != 0 || (size == 2 && map[(i * 2) + 1] != 0))
                    {
                        throw new MedicalFileException(
                            MedicalFileFault.Inconsistent,
                            "label map",
                            $"segments that share pixels in slice {slice}",
                            "one segment a pixel",
                            "Write SegmentationType.Binary, which lets segments share pixels");
                    }

                    map[i * size] = (byte)segment;
                    if (size == 2)
                    {
                        map[(i * 2) + 1] = (byte)(segment >> 8);
                    }

                    any = true;
                }
            }

            if (any || all)
            {
                frames.Add((0, slice, map));
            }
        }

        return frames;
    }

    private static bool HasPixels(byte[] plane) => plane.AsSpan().IndexOfAnyExcept((byte)0) >= 0;

    private void Check(int slice, int segment, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slice);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slice, Source.Slices.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(segment, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(segment, _segments.Length);
        if (length != Source.Rows * Source.Columns)
        {
            throw new ArgumentException(
                $"received a mask of {length} pixels; expected {Source.Columns}×{Source.Rows}, the slice's own grid. Bring the mask back to "
                    + $"the size of the slice first.");
        }
    }
}
