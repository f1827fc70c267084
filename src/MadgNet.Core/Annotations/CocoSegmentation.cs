namespace MadgNet.Core.Annotations;

/// <summary>How COCO files keep the pixels of an object.</summary>
public enum CocoSegmentation
{
    /// <summary>As polygons; a hole is joined to its outer ring by a line there and back, because the format knows no holes.</summary>
    Polygons,

    /// <summary>As the lengths of runs.</summary>
    RunLengths,

    /// <summary>As the lengths of runs in COCO's compressed text.</summary>
    CompressedRunLengths,
}
