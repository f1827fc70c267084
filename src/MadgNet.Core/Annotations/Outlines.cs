using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>The outlines of objects, for the formats that know polygons alone.</summary>
internal static class Outlines
{
    /// <summary>An object's polygons; those of a mask follow the edges of its pixels, a polygon for each connected part.</summary>
    public static IEnumerable<AnnotationPolygon> Of(AnnotatedObject drawn) => drawn.Mask is not { } mask
        ? drawn.Polygons
        : AnnotatedImage.FromMask("", mask.Decode(), mask.Height, mask.Width, drawn.Label).Objects.SelectMany(part => part.Polygons);

    /// <summary>
    /// A polygon with holes as one ring: to each hole and back along the same line. By the rule of odd and even crossings it covers the
    /// same pixels.
    /// </summary>
    public static IReadOnlyList<RegionPoint> Joined(AnnotationPolygon polygon)
    {
        var ring = new List<RegionPoint>(polygon.Outer);
        foreach (IReadOnlyList<RegionPoint> hole in polygon.Holes)
        {
            RegionPoint start = polygon.Outer[0];
            ring.Add(start);
            ring.AddRange(hole);
            ring.Add(hole[0]);
        }

        if (polygon.Holes.Count > 0)
        {
            ring.Add(polygon.Outer[0]);
        }

        return ring;
    }

    /// <summary>The ring in a direction as seen on the screen, where y runs downwards.</summary>
    public static IEnumerable<RegionPoint> Directed(IReadOnlyList<RegionPoint> ring, bool clockwise)
    {
        double twice = 0;
        for (int i = 0; i < ring.Count; i++)
        {
            RegionPoint next = ring[(i + 1) % ring.Count];
            twice += (ring[i].X * next.Y) - (next.X * ring[i].Y);
        }

        return (twice > 0) == clockwise ? ring : ring.Reverse();
    }
}
