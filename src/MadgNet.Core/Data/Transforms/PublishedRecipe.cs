namespace MadgNet.Core.Data.Transforms;

/// <summary>The transforms of the published training (paper, section 4.1, and the authors' code).</summary>
public static class PublishedRecipe
{
    /// <summary>Side of the published network's input in pixels.</summary>
    public const int Size = 352;

    /// <summary>
    /// For training: resize to a square, horizontal and vertical flips with probability 0.5 each, rotation uniform in ±5°.
    /// </summary>
    /// <param name="size">Side of the square, at least 1; default 352.</param>
    /// <returns>The transforms in their order.</returns>
    public static Compose Training(int size = Size) =>
        new(new Resize(size, size), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5));

    /// <summary>For validation and test: resize to a square.</summary>
    /// <param name="size">Side of the square, at least 1; default 352.</param>
    /// <returns>The transform.</returns>
    public static SegmentationTransform Evaluation(int size = Size) => new Resize(size, size);
}
