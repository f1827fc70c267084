namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// What a <see cref="RunFolder"/> writes beside what it sees itself. Nothing is claimed for the host: what it does not say is left out.
/// </summary>
public sealed record RunFolderOptions
{
    /// <summary>The folder, created when absent; null for the run's output folder. Default null.</summary>
    public string? Folder { get; init; }

    /// <summary>A name for the run and its model. Default: none, and the card is called after the encoder.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The command that repeats the run, for example <c>Environment.CommandLine</c>; do not pass one that holds secrets. Default: none.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>The seed that fresh weights followed from. Default: not known.</summary>
    public long? WeightSeed { get; init; }

    /// <summary>Further words for the manifest, such as where pretrained weights came from. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>What the model is meant for, in Markdown, for the card. Default: research and development.</summary>
    public string? IntendedUse { get; init; }

    /// <summary>
    /// What is known of the model's limits, in Markdown, for the card; added to what follows from the run itself. Default: none.
    /// </summary>
    public string? Limits { get; init; }

    /// <summary>The licence of the weights, for the card. Default: not stated.</summary>
    public string? License { get; init; }

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Folder is not null && string.IsNullOrWhiteSpace(Folder))
        {
            problems.Add(new Problem(
                nameof(Folder), $"'{Folder}'", "the path of a folder, or null", "Choose a folder; it is created when absent"));
        }

        if (Notes is null || Notes.Any(note => note.Value is null))
        {
            problems.Add(new Problem(nameof(Notes), "null, or a note without a text", "texts by their names", "Leave the note out"));
        }

        return problems;
    }
}
