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

    /// <summary>Whether every step is recorded, and not only epochs and validations. About 200 bytes a step and file. Default true.</summary>
    public bool Steps { get; init; } = true;
}
