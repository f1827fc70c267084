namespace MadgNet.Cli.Output;

/// <summary>
/// What differs between a run and what is to go on with it, in the tool's options: one line for each option, however many settings of the
/// library follow from it.
/// </summary>
internal static class ResumeWords
{
    private const int LongestValue = 40;

    /// <summary>Beginnings of the library's names, the more particular ones first.</summary>
    private static readonly (string Name, string Option)[] Options =
    [
        ("Epochs", "--epochs"),
        ("Training.BatchSize", "--batch"),
        ("Validation.BatchSize", "--batch"),
        ("Training.Seed", "--seed"),
        ("Validation.Seed", "--seed"),
        ("Training.Samples", "--images, --masks or --validation"),
        ("Validation.Samples", "--images, --masks or --validation"),
        ("Training.Dataset", "--masks and how they are read"),
        ("Validation.Dataset", "--masks and how they are read"),
        ("Training.DropLast", "--batch"),
        ("Training.Transform", "--size or --augmentation"),
        ("Validation.Transform", "--size or --augmentation"),
        ("Validation", "--validation"),
        ("Model.Input", "--size, --intensity, --channels-from, --window or --letterbox"),
        ("Model.Device", "--device"),
        ("Model", "--model, --backbone, --attention, --spatial, --sub-decoder or --labels"),
        ("Schedule", "--learning-rate"),
        ("Optimizer", "--pretrained"),
        ("FrozenNormalization", "--pretrained"),
        ("Precision", "--precision"),
        ("Layout", "--precision"),
        ("EarlyStopping", "--patience"),
        ("CalibrateThreshold", "--calibrate"),
    ];

    /// <summary>The problems of a run that cannot be gone on with.</summary>
    public static IReadOnlyList<Problem> Of(IReadOnlyList<Problem> problems)
    {
        var said = new List<Problem>();
        foreach (IGrouping<string, Problem> group in problems.GroupBy(problem => OptionOf(problem) ?? problem.Subject))
        {
            Problem first = group.First();
            if (OptionOf(first) is not { } option)
            {
                said.AddRange(group);
                continue;
            }

            bool isShort = option.IndexOf(' ', StringComparison.Ordinal) < 0
                && first.Received.Length <= LongestValue
                && first.Expected.Length <= LongestValue + ", as the run began with".Length;
            said.Add(new Problem(
                option,
                isShort ? first.Received : "another value than before",
                isShort ? first.Expected : "the value as the run began with",
                "Give the value of the earlier run, or begin a new one with --overwrite or in another --output"));
        }

        // The size is part of the transform and of the input: one cause, one line.
        bool both = said.Exists(problem => problem.Subject.StartsWith("--size or", StringComparison.Ordinal))
            && said.Exists(problem => problem.Subject.StartsWith("--size, ", StringComparison.Ordinal));
        return both ? [.. said.Where(problem => !problem.Subject.StartsWith("--size or", StringComparison.Ordinal))] : said;
    }

    private static string? OptionOf(Problem problem) =>
        Options.FirstOrDefault(pair => problem.Subject.StartsWith(pair.Name, StringComparison.Ordinal)) is { Option: { } option } ? option : null;
}
