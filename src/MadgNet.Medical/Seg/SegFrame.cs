namespace MadgNet.Medical.Seg;

/// <summary>One frame of a DICOM segmentation: a segment, or all of a label map, in one slice.</summary>
public sealed record SegFrame
{
    /// <summary>The frame's number in the file, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The segment's number; null in a label map, which holds all.</summary>
    public int? Segment { get; init; }

    /// <summary>Where the frame lies; null where the file does not say.</summary>
    public SliceGeometry? Geometry { get; init; }

    /// <summary>The images that the frame was drawn on: their objects, and the frame in each, from 0, where it has several.</summary>
    public IReadOnlyList<(string SopInstance, int? Frame)> Sources { get; init; } = [];
}
