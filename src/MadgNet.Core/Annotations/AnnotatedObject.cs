namespace MadgNet.Core.Annotations;

/// <summary>One thing on an image: its class, and the pixels that it covers, as polygons or as a mask of the image's size.</summary>
public sealed record AnnotatedObject
{
    /// <summary>Creates an object of polygons.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="polygons">Its parts, which together are the object; at least one.</param>
    /// <exception cref="ArgumentException">The class is empty, there is no part, a ring has fewer than three points, or a place is not
    /// finite.</exception>
    public AnnotatedObject(string label, IReadOnlyList<AnnotationPolygon> polygons)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        ArgumentNullException.ThrowIfNull(polygons);
        if (polygons.Count == 0
            || polygons.Any(polygon => polygon.Rings.Any(ring => ring.Count < 3
                || ring.Any(point => !double.IsFinite(point.X) || !double.IsFinite(point.Y)))))
        {
            throw new ArgumentException(
                $"received {polygons.Count} polygons of '{label}', or a ring of fewer than three places or with a place that is no number; "
                    + $"expected at least one polygon of whole rings. Leave the object out, or draw it again.",
                nameof(polygons));
        }

        Label = label;
        Polygons = polygons;
    }

    /// <summary>Creates an object of a mask.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="mask">Its pixels; of the image's size.</param>
    /// <exception cref="ArgumentException">The class is empty.</exception>
    public AnnotatedObject(string label, RunLengthMask mask)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        ArgumentNullException.ThrowIfNull(mask);
        Label = label;
        Mask = mask;
        Polygons = [];
    }

    /// <summary>Its class.</summary>
    public string Label { get; init; }

    /// <summary>Its parts; empty where it is a mask.</summary>
    public IReadOnlyList<AnnotationPolygon> Polygons { get; }

    /// <summary>Its pixels; null where it is made of polygons.</summary>
    public RunLengthMask? Mask { get; }

    /// <summary>How sure a network is of it, 0..1; null where nobody said. Default null.</summary>
    public double? Score { get; init; }

    /// <summary>Whether it stands for several things that were not told apart, COCO's <c>iscrowd</c>. Default false.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>Adds its pixels to a mask: those whose middle lies in it.</summary>
    /// <param name="mask">height·width truth values, row after row.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">The mask is of another size.</exception>
    public void AddTo(Span<bool> mask, int height, int width)
    {
        if (mask.Length != (long)height * width || (Mask is { } own && (own.Height, own.Width) != (height, width)))
        {
            throw new ArgumentException(
                $"received a mask of {(Mask is null ? $"{mask.Length} values" : $"{Mask.Height}×{Mask.Width}")}; expected {height}×{width}. "
                    + $"Use the size of the image that was drawn on.",
                nameof(mask));
        }

        if (Mask is not null)
        {
            bool[] inside = Mask.Decode();
            for (int i = 0; i < inside.Length; i++)
            {
                mask[i] |= inside[i];
            }
        }

        foreach (AnnotationPolygon polygon in Polygons)
        {
            PolygonRaster.Fill(polygon, mask, height, width);
        }
    }

    /// <summary>Its pixels as truth values.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <returns>height·width values, row after row.</returns>
    /// <exception cref="ArgumentException">It is a mask of another size.</exception>
    public bool[] ToMask(int height, int width)
    {
        var mask = new bool[height * width];
        AddTo(mask, height, width);
        return mask;
    }
}
