namespace MadgNet.Core.Annotations;

/// <summary>A label of a dataset, and the classes of the annotations that belong to it.</summary>
/// <param name="Name">The label's name.</param>
/// <param name="Classes">The classes; none means all of them.</param>
public sealed record AnnotationLabel(string Name, params IReadOnlyList<string> Classes)
{
    /// <summary>One label to which everything belongs that was drawn.</summary>
    /// <param name="name">The label's name.</param>
    /// <returns>The label.</returns>
    public static AnnotationLabel Everything(string name = "foreground") => new(name, []);
}
