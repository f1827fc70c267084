namespace MadgNet.Studies;

/// <summary>What a study's networks are trained, validated and tested on.</summary>
/// <remarks>
/// A seen set is divided once, by <see cref="SplitSeed"/>: every variant and seed is tested on the same cases, so that they can be paired.
/// An unseen set is only tested on, as a whole.
/// </remarks>
public sealed record StudyProtocol
{
    /// <summary>The sets that are divided into training, validation and test images; at least one.</summary>
    public IReadOnlyList<StudySet> Seen { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>The sets that no network is trained on. Default none.</summary>
    public IReadOnlyList<StudySet> Unseen { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>The share of a seen set that is tested on, above 0 and below 1. Default 0.25.</summary>
    public double TestShare { get; init; } = 0.25;

    /// <summary>The share of a seen set that is validated on, 0 to below 1; 0 for no validation. Default 0.1.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>The seed of the division. Default 0.</summary>
    public long SplitSeed { get; init; }

    /// <summary>The most images of a set to train on, 1 or more; null, the default, for all.</summary>
    public int? TrainingImages { get; init; }

    /// <summary>The most images of a set to validate on, 1 or more; null, the default, for all.</summary>
    public int? ValidationImages { get; init; }

    /// <summary>The most images of a set to test on, 1 or more; null, the default, for all.</summary>
    public int? TestImages { get; init; }

    /// <summary>The share of the training images that is trained on, above 0 and at most 1. Default 1.</summary>
    public double Share { get; init; } = 1;

    /// <summary>The channels of an image that a network sees, from 0; null, the default, for all.</summary>
    public IReadOnlyList<int>? Channels { get; init => field = value is null ? null : [.. value]; }

    /// <summary>Every set's name, the seen ones first.</summary>
    public IReadOnlyList<string> Sets => [.. Seen.Concat(Unseen).Select(set => set.Name)];

    /// <summary>Everything that is wrong with the protocol; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Seen is null || Unseen is null || Seen.Concat(Unseen).Any(set => set is null))
        {
            problems.Add(new Problem("protocol", "null for seen, unseen or a set", "lists of sets", "Name the sets, or use empty lists"));
            return problems;
        }

        if (Seen.Count == 0)
        {
            problems.Add(new Problem("protocol.seen", "no set", "at least one set to train on", "Name a folder of images and masks"));
        }

        foreach (StudySet set in Seen.Concat(Unseen))
        {
            if (string.IsNullOrWhiteSpace(set.Name) || set.Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || set.Name == "..")
            {
                problems.Add(new Problem(
                    "protocol", $"a set named '{set.Name}'", "the name of one folder", "Name a folder below that of the data"));
            }

            Checks.AtLeast(problems, $"protocol, set '{set.Name}', consecutive", set.Consecutive, 1);
        }

        problems.AddRange(Sets.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => new Problem(
            "protocol", $"the set '{group.Key}' twice", "every set once, seen or unseen", "Take one of the two away")));
        Checks.Within(problems, "protocol.testShare", TestShare, 0, 1, includeLeast: false, includeMost: false);
        Checks.Within(problems, "protocol.validationShare", ValidationShare, 0, 1, includeLeast: true, includeMost: false);
        Checks.Within(problems, "protocol.share", Share, 0, 1, includeLeast: false, includeMost: true);
        if (TestShare + ValidationShare >= 1)
        {
            problems.Add(new Problem(
                "protocol",
                FormattableString.Invariant($"a testShare of {TestShare} and a validationShare of {ValidationShare}"),
                "less than 1 together, so that images are left to train on",
                "Use 0.25 and 0.1"));
        }

        Checks.AtLeast(problems, "protocol.trainingImages", TrainingImages ?? 1, 1);
        Checks.AtLeast(problems, "protocol.validationImages", ValidationImages ?? 1, 1);
        Checks.AtLeast(problems, "protocol.testImages", TestImages ?? 1, 1);
        Checks.Channels(problems, "protocol.channels", Channels);
        return problems;
    }
}
