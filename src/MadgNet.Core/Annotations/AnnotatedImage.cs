using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>An image and what was drawn on it.</summary>
/// <param name="Name">The image's file name as the annotations have it, or its stem; folders may stand before it.</param>
/// <param name="Height">Rows; 0 where the format does not say.</param>
/// <param name="Width">Columns; 0 where the format does not say.</param>
/// <param name="Objects">What was drawn, the first at the bottom.</param>
public sealed record AnnotatedImage(string Name, int Height, int Width, IReadOnlyList<AnnotatedObject> Objects)
{
    /// <summary>The connected parts of a mask, each as an object with its contours.</summary>
    /// <param name="name">The image's file name.</param>
    /// <param name="mask">height·width truth values, row after row.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="label">The class of all of them.</param>
    /// <param name="connectivity">Whether pixels that touch at a corner are one part.</param>
    /// <returns>The image with its objects; none for an empty mask.</returns>
    /// <exception cref="ArgumentException">There are not height·width values, or the class is empty.</exception>
    public static AnnotatedImage FromMask(
        string name,
        ReadOnlySpan<bool> mask,
        int height,
        int width,
        string label,
        ComponentConnectivity connectivity = ComponentConnectivity.Eight)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        if (mask.Length != (long)height * width)
        {
            throw new ArgumentException(
                $"received {mask.Length} values; expected {(long)height * width} for {height}×{width} pixels. Pass one for every pixel.",
                nameof(mask));
        }

        IReadOnlyList<Region> regions = RegionFinder.Find(
            mask, new float[mask.Length], (height, width), 0, label, PixelSpacing.Pixels, connectivity);
        return new AnnotatedImage(
            name, height, width, [.. regions.Select(region => new AnnotatedObject(label, [new(region.Outer, region.Holes)]))]);
    }

    /// <summary>The pixels of all objects of some classes.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="classes">The classes; null for all.</param>
    /// <returns>height·width truth values, row after row.</returns>
    /// <exception cref="ArgumentException">An object is a mask of another size.</exception>
    public bool[] ToMask(int height, int width, IReadOnlyCollection<string>? classes = null)
    {
        var mask = new bool[height * width];
        foreach (AnnotatedObject drawn in Objects.Where(drawn => classes is null || classes.Contains(drawn.Label)))
        {
            drawn.AddTo(mask, height, width);
        }

        return mask;
    }
}
