namespace MadgNet.Core.Annotations;

/// <summary>What a file or a folder of annotations holds.</summary>
/// <param name="Images">The images, in the file's order.</param>
/// <param name="Labels">The classes, in the file's order; those that nothing was drawn of, too, where the file declares them.</param>
public sealed record AnnotationSet(IReadOnlyList<AnnotatedImage> Images, IReadOnlyList<string> Labels)
{
    /// <summary>
    /// What was drawn and covers no pixels, or was left out for another reason: points, lines, boxes that were not to be filled. Default
    /// none.
    /// </summary>
    public IReadOnlyList<Problem> LeftOut { get; init; } = [];

    /// <summary>A set of images whose classes are those that were drawn, in order.</summary>
    /// <param name="images">The images.</param>
    /// <returns>The set.</returns>
    public static AnnotationSet Of(IEnumerable<AnnotatedImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        AnnotatedImage[] all = [.. images];
        return new AnnotationSet(all, [.. all.SelectMany(image => image.Objects).Select(drawn => drawn.Label).Distinct()]);
    }
}
