using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>Which pixels an area covers: those whose middle lies inside an odd number of its rings.</summary>
/// <remarks>
/// For contours along the edges of pixels this is exact, so that a mask that becomes polygons comes back as it was. A bridge that runs to a
/// hole and back along the same line crosses every row twice at the same place, and changes nothing.
/// </remarks>
internal static class PolygonRaster
{
    public static void Fill(AnnotationPolygon polygon, Span<bool> mask, int height, int width)
    {
        var crossings = new List<double>[height];
        foreach (IReadOnlyList<RegionPoint> ring in polygon.Rings)
        {
            for (int i = 0; i < ring.Count; i++)
            {
                AddEdge(ring[i], ring[(i + 1) % ring.Count], crossings);
            }
        }

        for (int y = 0; y < height; y++)
        {
            if (crossings[y] is not { } row)
            {
                continue;
            }

            row.Sort();
            for (int i = 0; i + 1 < row.Count; i += 2)
            {
                int from = (int)Math.Clamp(Math.Ceiling(row[i] - 0.5), 0, width);
                int to = (int)Math.Clamp(Math.Ceiling(row[i + 1] - 0.5), 0, width);
                if (to > from)
                {
                    mask.Slice((y * width) + from, to - from).Fill(true);
                }
            }
        }
    }

    /// <summary>Notes where an edge crosses the middle of each row. A row that an end lies on belongs to the edge below.</summary>
    private static void AddEdge(RegionPoint from, RegionPoint to, List<double>[] crossings)
    {
        if (from.Y == to.Y)
        {
            return;
        }

        (RegionPoint upper, RegionPoint lower) = from.Y < to.Y ? (from, to) : (to, from);
        int first = (int)Math.Clamp(Math.Ceiling(upper.Y - 0.5), 0, crossings.Length);
        int end = (int)Math.Clamp(Math.Ceiling(lower.Y - 0.5), 0, crossings.Length);
        double slope = (lower.X - upper.X) / (lower.Y - upper.Y);
        for (int y = first; y < end; y++)
        {
            (crossings[y] ??= []).Add(upper.X + ((y + 0.5 - upper.Y) * slope));
        }
    }
}
