namespace MadgNet.Studies;

/// <summary>
/// What is to be otherwise in a study: a smaller budget, more seeds, other sets. A study's own <see cref="Study.QuickOverrides"/> is one.
/// </summary>
public sealed record StudyOverrides
{
    /// <summary>The variants to keep, in the study's order; null for all. The baseline has to be among them.</summary>
    public IReadOnlyList<string>? Variants { get; init => field = value is null ? null : [.. value]; }

    /// <summary>The seeds; null for the study's.</summary>
    public IReadOnlyList<long>? Seeds { get; init => field = value is null ? null : [.. value]; }

    /// <summary>The budget; null for the study's.</summary>
    public StudyBudget? Budget { get; init; }

    /// <summary>Changes of the study's recipe as one JSON object (RFC 7396), those of the variants come after; null for none.</summary>
    public string? Changes { get; init; }

    /// <summary>What the encoders start from, <see cref="Study.FreshStart"/> for drawn weights; null for the study's.</summary>
    public string? Start { get; init; }

    /// <summary>The seen sets; null for the study's.</summary>
    public IReadOnlyList<StudySet>? Seen { get; init => field = value is null ? null : [.. value]; }

    /// <summary>The unseen sets; null for the study's.</summary>
    public IReadOnlyList<StudySet>? Unseen { get; init => field = value is null ? null : [.. value]; }

    /// <summary>The most images of a set to train on; null for the study's number.</summary>
    public int? TrainingImages { get; init; }

    /// <summary>The most images of a set to validate on; null for the study's number.</summary>
    public int? ValidationImages { get; init; }

    /// <summary>The most images of a set to test on; null for the study's number.</summary>
    public int? TestImages { get; init; }
}
