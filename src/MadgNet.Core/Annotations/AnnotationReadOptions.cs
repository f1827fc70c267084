namespace MadgNet.Core.Annotations;

/// <summary>How files of annotations are read.</summary>
public sealed record AnnotationReadOptions
{
    /// <summary>The format; null, the default, recognises it by the content.</summary>
    public AnnotationFormat? Format { get; init; }

    /// <summary>
    /// Whether boxes become filled rectangles. Default false: a box says where a thing is and not which pixels it covers, so that it is
    /// left out and told.
    /// </summary>
    public bool FillBoxes { get; init; }

    /// <summary>The class of objects that have none, as QuPath allows. Default <c>unclassified</c>.</summary>
    public string Unclassified { get; init; } = "unclassified";

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Format is { } format)
        {
            problems.AddRange(Problem.Undefined(nameof(Format), format));
        }

        if (string.IsNullOrWhiteSpace(Unclassified))
        {
            problems.Add(new Problem(nameof(Unclassified), "an empty name", "the name of a class", "Leave it out for 'unclassified'"));
        }

        return problems;
    }
}
