using MadgNet.Core.Training;

namespace MadgNet.Studies.Running;

/// <summary>Where the run of a study stands. A report holds plain values: it may be kept and read on any thread.</summary>
public sealed record StudyProgress
{
    /// <summary>How many cells of this run (of its shard) are done or failed, those of earlier runs too.</summary>
    public required int Done { get; init; }

    /// <summary>How many cells this run (its shard) has.</summary>
    public required int Total { get; init; }

    /// <summary>The cell that is being run, or has just ended.</summary>
    public required StudyCellKey Cell { get; init; }

    /// <summary>Whether the cell has just ended.</summary>
    public bool CellEnded { get; init; }

    /// <summary>What went wrong with the cell that has just ended; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Where the cell's training stands; null while it is tested, or has ended.</summary>
    public TrainingProgress? Training { get; init; }

    /// <summary>The time that this run has taken so far.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that is probably left, from the cells that this run has ended; null before the first.</summary>
    public TimeSpan? Remaining { get; init; }
}
