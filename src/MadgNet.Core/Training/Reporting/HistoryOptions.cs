namespace MadgNet.Core.Training.Reporting;

/// <summary>What a <see cref="HistoryWriter"/> writes, and where.</summary>
public sealed record HistoryOptions
{
    /// <summary>The folder of the files, created when absent; null for the run's output folder. Default null.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether <c>.csv</c> files are written. Default true.</summary>
    public bool Csv { get; init; } = true;

    /// <summary>Whether <c>.jsonl</c> files (one JSON object a line) are written. Default true.</summary>
    public bool JsonLines { get; init; } = true;

    /// <summary>
    /// Whether every step is recorded, and not only epochs and validations. About 200 bytes a step and file. Default true.
    /// </summary>
    public bool Steps { get; init; } = true;

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

        return problems;
    }
}
