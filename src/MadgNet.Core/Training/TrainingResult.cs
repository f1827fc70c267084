namespace MadgNet.Core.Training;

/// <summary>What a finished training run came to.</summary>
/// <param name="History">Every epoch, in order, those before a resume too.</param>
/// <param name="BestEpoch">The epoch with the best validation, from 1; the last one in a run without validation.</param>
/// <param name="BestCheckpoint">The file with the weights of that validation; null where no files are kept or it could not be
/// written.</param>
/// <param name="LastCheckpoint">The file with the last weights; null where no files are kept.</param>
public sealed record TrainingResult(IReadOnlyList<EpochRecord> History, int BestEpoch, string? BestCheckpoint, string? LastCheckpoint)
{
    /// <summary>Why the run ended: it took all its epochs or steps, or it stopped early.</summary>
    public TrainingEndReason Reason { get; init; }

    /// <summary>The optimizer steps of the whole run, skipped ones included.</summary>
    public long Steps { get; init; }

    /// <summary>The file with the averaged weights of their best validation; null without an average, files or validation.</summary>
    public string? BestEmaCheckpoint { get; init; }

    /// <summary>The file with the averaged weights at the end; null without an average or files.</summary>
    public string? LastEmaCheckpoint { get; init; }

    /// <summary>The record of the best epoch.</summary>
    public EpochRecord Best => History[BestEpoch - 1];

    /// <summary>The record of the last epoch.</summary>
    public EpochRecord Last => History[^1];
}
