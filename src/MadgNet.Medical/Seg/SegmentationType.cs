namespace MadgNet.Medical.Seg;

/// <summary>How a DICOM segmentation stores its segments.</summary>
public enum SegmentationType
{
    /// <summary>One bit a pixel and segment. Segments may share pixels. Every viewer reads it.</summary>
    Binary,

    /// <summary>A probability of 0 to 255 a pixel and segment.</summary>
    Fractional,

    /// <summary>
    /// The number of the segment that a pixel belongs to, one or two bytes: segments cannot share pixels. New in the standard (2023);
    /// older viewers do not read it.
    /// </summary>
    LabelMap,
}
