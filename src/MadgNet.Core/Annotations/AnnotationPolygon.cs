using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>
/// An area with straight edges: what lies within the outer ring and within no hole. Places are in pixels from the top left corner of the
/// first pixel, whose middle is at (0.5, 0.5). A ring's last point is joined with its first, which is not repeated.
/// </summary>
/// <param name="Outer">The outer ring, at least three points; the direction carries no meaning.</param>
/// <param name="Holes">The rings of its holes, at least three points each.</param>
public sealed record AnnotationPolygon(IReadOnlyList<RegionPoint> Outer, IReadOnlyList<IReadOnlyList<RegionPoint>> Holes)
{
    /// <summary>Creates an area without holes.</summary>
    /// <param name="outer">The ring, at least three points.</param>
    public AnnotationPolygon(IReadOnlyList<RegionPoint> outer)
        : this(outer, [])
    {
    }

    /// <summary>All rings, the outer one first.</summary>
    internal IEnumerable<IReadOnlyList<RegionPoint>> Rings => Holes.Prepend(Outer);

    /// <summary>An upright rectangle.</summary>
    internal static AnnotationPolygon Rectangle(double left, double top, double right, double bottom) =>
        new([new(left, top), new(right, top), new(right, bottom), new(left, bottom)]);

    /// <summary>An ellipse, as a polygon whose corners lie on it; its area is 0.04 % too small.</summary>
    internal static AnnotationPolygon Ellipse(double x, double y, double radiusX, double radiusY, double degrees = 0)
    {
        const int Corners = 128;
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        return new([.. Enumerable.Range(0, Corners).Select(i =>
        {
            (double down, double right) = Math.SinCos(2 * Math.PI * i / Corners);
            return new RegionPoint(
                x + (right * radiusX * cos) - (down * radiusY * sin), y + (right * radiusX * sin) + (down * radiusY * cos));
        })]);
    }
}
