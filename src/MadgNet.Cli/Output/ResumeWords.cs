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
        // The size is part of the transforms, of the input, and with it of the model: one cause, one line.
        Problem? size = problems.FirstOrDefault(problem => IsSize(problem.Subject));
        bool input = problems.Any(problem => problem.Subject == "Model.Input");
        IEnumerable<Problem> rest = problems.Where(problem => size is null
            || !(IsSize(problem.Subject) || problem.Subject is "Model.Input" or "Model.Options"));
        if (input)
        {
            rest = rest.Where(problem => problem.Subject != "Model.Options");
        }

        var said = new List<Problem>();
        if (size is not null)
        {
            said.Add(Of("--size", size.Received, size.Expected));
        }

        foreach (IGrouping<string, Problem> group in rest.GroupBy(problem => OptionOf(problem) ?? problem.Subject))
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
            said.Add(isShort
                ? Of(option, first.Received, first.Expected)
                : Of(option, "another value than before", "the value as the run began with"));
        }

        return said;
    }

    private static Problem Of(string option, string received, string expected) => new(
        option, received, expected, "Give the value of the earlier run, or begin a new one with --overwrite or in another --output");

    private static bool IsSize(string subject) =>
        subject.Contains("Transform", StringComparison.Ordinal)
        && (subject.EndsWith("Height", StringComparison.Ordinal) || subject.EndsWith("Width", StringComparison.Ordinal));

    private static string? OptionOf(Problem problem) =>
        Options.FirstOrDefault(pair => problem.Subject.StartsWith(pair.Name, StringComparison.Ordinal)) is { Option: { } option }
            ? option
            : null;
}
