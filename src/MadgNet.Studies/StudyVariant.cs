namespace MadgNet.Studies;

/// <summary>One of the things that a study compares: the study's recipe with some changes.</summary>
public sealed record StudyVariant
{
    /// <summary>The variant's name: lower case letters, digits and <c>-</c>; it becomes the name of a folder.</summary>
    public required string Name { get; init; }

    /// <summary>What reports call it; the name where it is empty. Default empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>
    /// The changes of <see cref="Study.Recipe"/> as one JSON object, by the rules of RFC 7396: what it names takes the place of the
    /// recipe's, null takes it away. Default: none.
    /// </summary>
    public string Changes { get; init; } = "{}";

    /// <summary>The seen sets that this variant is trained on; null, the default, for those of the protocol.</summary>
    public IReadOnlyList<string>? Train { get; init => field = value is null ? null : [.. value]; }

    /// <summary>The share of the training images that it is trained on, above 0 and at most 1; null, the default, for the
    /// protocol's.</summary>
    public double? Share { get; init; }

    /// <summary>
    /// The channels of an image that it sees, from 0; the others are replaced by these, in turn, so that the network keeps its size. Null,
    /// the default, for the protocol's.
    /// </summary>
    public IReadOnlyList<int>? Channels { get; init => field = value is null ? null : [.. value]; }

    /// <summary>What reports call it.</summary>
    public string Label => Title.Length > 0 ? Title : Name;
}
