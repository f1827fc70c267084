using MadgNet.Medical.Dicom;

namespace MadgNet.Medical.Series;

/// <summary>One slice of a series: a file, or a frame of a file of several.</summary>
public sealed record SeriesSlice
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The frame in the file, from 0.</summary>
    public int Frame { get; init; }

    /// <summary>How many frames the file has.</summary>
    public int FileFrames { get; init; } = 1;

    /// <summary>The kind of object.</summary>
    public required string SopClass { get; init; }

    /// <summary>The object's identifier.</summary>
    public required string SopInstance { get; init; }

    /// <summary>The number that the machine gave it; null where it gave none.</summary>
    public int? InstanceNumber { get; init; }

    /// <summary>
    /// The file's part of a concatenation, that is an object of many frames that was divided into files; null where the file is whole.
    /// </summary>
    public ConcatenationPart? Concatenation { get; init; }

    /// <summary>The frame's number in the whole object, from 0: that in the file, behind the frames of the parts before.</summary>
    public int IndexInObject => Frame + (Concatenation?.FirstFrame ?? 0);

    /// <summary>Height in pixels.</summary>
    public required int Rows { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Columns { get; init; }

    /// <summary>How the file is written.</summary>
    public required TransferSyntax TransferSyntax { get; init; }

    /// <summary>Where the slice lies; null where the file does not say.</summary>
    public SliceGeometry? Geometry { get; init; }
}
