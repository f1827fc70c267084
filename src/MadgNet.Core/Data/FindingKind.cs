namespace MadgNet.Core.Data;

/// <summary>What the doctor looks for.</summary>
public enum FindingKind
{
    /// <summary>A file that cannot be read: truncated, damaged, of an unknown format, or larger than allowed.</summary>
    Unreadable,

    /// <summary>An image without a mask, or without one for each label.</summary>
    MissingMask,

    /// <summary>A mask without an image.</summary>
    MissingImage,

    /// <summary>A mask of another size than its image, but of the same shape.</summary>
    SizeMismatch,

    /// <summary>A mask whose shape (width to height) is not its image's.</summary>
    AspectMismatch,

    /// <summary>A mask without foreground.</summary>
    EmptyMask,

    /// <summary>A mask that is foreground everywhere.</summary>
    FullMask,

    /// <summary>A binary mask with values in between.</summary>
    NotBinary,

    /// <summary>A mask file that belongs to no label.</summary>
    UnknownLabel,

    /// <summary>A label image with values that no label declares.</summary>
    UnknownLabelValue,

    /// <summary>Images that look the same within one split.</summary>
    NearDuplicate,

    /// <summary>Images that look the same in two splits: what is tested was trained on.</summary>
    DuplicateAcrossSplits,

    /// <summary>Grey and colour images in one dataset.</summary>
    MixedChannels,

    /// <summary>An image far smaller or larger than the others, or than a network can use.</summary>
    ExtremeSize,

    /// <summary>An image with values outside of 0..1, or that are no numbers: usually 8-bit values that nobody divided by 255.</summary>
    ValuesOutOfRange,

    /// <summary>A file of several pages or frames, of which one is read.</summary>
    OtherPages,

    /// <summary>An image whose 16-bit values use the range of a camera of 8 to 14 bits, so that it is nearly black.</summary>
    UnusedBitDepth,

    /// <summary>A dataset without samples.</summary>
    EmptyDataset,

    /// <summary>A file of a known format whose compression, or kind of pixels, is not read.</summary>
    UnsupportedFormat,

    /// <summary>Slices that are missing in a volume, by the distances of their neighbours.</summary>
    MissingSlices,

    /// <summary>Slices of a volume at one position.</summary>
    DuplicateSlices,

    /// <summary>Slices of one series that lie in different directions.</summary>
    MixedOrientation,

    /// <summary>Images or slices whose pixels have different sizes in millimetres.</summary>
    MixedSpacing,

    /// <summary>Images of different machines in one dataset: CT and MR.</summary>
    MixedModality,

    /// <summary>A file that does not say where it lies in the patient.</summary>
    MissingGeometry,

    /// <summary>Images that lost something by their compression.</summary>
    LossyCompression,
}
