namespace MadgNet.Core.Inference;

/// <summary>
/// One connected component of a label's mask: a lesion, a nucleus. Lengths are in pixels, or in the unit of the pixel spacing.
/// </summary>
/// <remarks>
/// Contours run along the edges of pixels, so that the area between them is exactly that of the pixels. The first point is not
/// repeated at the end, and a contour has a point only where it turns. Seen on the screen, the outer one runs clockwise and
/// holes run anticlockwise, with the region to the right. A contour touches itself where two pixels meet at a corner.
/// </remarks>
public sealed class Region
{
    internal Region(int label, string? labelName)
    {
        Label = label;
        LabelName = labelName;
    }

    /// <summary>The label whose mask the region is part of, from 0.</summary>
    public int Label { get; }

    /// <summary>The label's name, where it has one.</summary>
    public string? LabelName { get; }

    /// <summary>How many pixels it has, at least 1.</summary>
    public int PixelCount { get; internal init; }

    /// <summary>Pixels times the size of one.</summary>
    public double Area { get; internal init; }

    /// <summary>
    /// The length of all contours, each taken through the middles of the pixel edges that it runs along, as a staircase would
    /// overrate a slope by up to 41 %: straight and diagonal edges are exact, and a large circle comes out about 5 % too long.
    /// </summary>
    public double Perimeter { get; internal init; }

    /// <summary>The mean of the middles of its pixels; it may lie outside of a bent region.</summary>
    public RegionPoint Centroid { get; internal init; }

    /// <summary>The smallest upright rectangle around it.</summary>
    public RegionBounds BoundingBox { get; internal init; }

    /// <summary>The mean over its pixels of the probability, before any post-processing.</summary>
    public double MeanProbability { get; internal init; }

    /// <summary>The outer contour, at least four points.</summary>
    public IReadOnlyList<RegionPoint> Outer { get; internal init; } = [];

    /// <summary>The contours of its holes.</summary>
    public IReadOnlyList<IReadOnlyList<RegionPoint>> Holes { get; internal init; } = [];
}
