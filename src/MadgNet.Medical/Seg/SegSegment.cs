namespace MadgNet.Medical.Seg;

/// <summary>What a segment of a DICOM segmentation is.</summary>
public sealed record SegSegment
{
    /// <summary>The number by which frames name it, from 1. Set by the writer, by the order of the segments.</summary>
    public int Number { get; init; }

    /// <summary>Its name, 1 to 64 characters.</summary>
    public required string Label { get; init; }

    /// <summary>More about it; null for nothing. At most 1024 characters.</summary>
    public string? Description { get; init; }

    /// <summary>The kind of thing that it is. Default <see cref="CodedConcept.Tissue"/>.</summary>
    public CodedConcept Category { get; init; } = CodedConcept.Tissue;

    /// <summary>What it is exactly. Default <see cref="CodedConcept.Tissue"/>.</summary>
    public CodedConcept Type { get; init; } = CodedConcept.Tissue;

    /// <summary>Who drew it. Default <see cref="SegAlgorithm.Automatic"/>.</summary>
    public SegAlgorithm Algorithm { get; init; } = SegAlgorithm.Automatic;

    /// <summary>
    /// The name of the algorithm; null where a person drew it. The writer puts <see cref="SegOptions.AlgorithmName"/> in where it is null.
    /// </summary>
    public string? AlgorithmName { get; init; }

    /// <summary>A colour for viewers, as red, green, blue; null for the viewer's choice.</summary>
    public (byte Red, byte Green, byte Blue)? Color { get; init; }

    /// <summary>Everything that is wrong with the segment.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (string.IsNullOrWhiteSpace(Label) || Label.Length > 64 || Label.Contains('\\', StringComparison.Ordinal))
        {
            problems.Add(new Problem(nameof(Label), $"'{Label}'", "1 to 64 characters without backslash", "Shorten the name"));
        }

        if (Description is { Length: > 1024 })
        {
            problems.Add(new Problem(
                nameof(Description), $"{Description.Length} characters", "at most 1024", "Shorten the description"));
        }

        if (AlgorithmName is { Length: > 64 })
        {
            problems.Add(new Problem(nameof(AlgorithmName), $"{AlgorithmName.Length} characters", "at most 64", "Shorten the name"));
        }

        problems.AddRange(Problem.Undefined(nameof(Algorithm), Algorithm));
        problems.AddRange(Category.Validate(nameof(Category)));
        problems.AddRange(Type.Validate(nameof(Type)));
        return problems;
    }
}
