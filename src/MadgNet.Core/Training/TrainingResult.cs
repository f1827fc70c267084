namespace MadgNet.Core.Training;

/// <summary>What a finished training run came to.</summary>
/// <param name="History">Every epoch, in order.</param>
/// <param name="BestEpoch">The epoch with the best validation Dice, from 1; the last one in a run without validation.</param>
/// <param name="BestCheckpoint">The file with the weights of that epoch; null where no files are kept.</param>
/// <param name="LastCheckpoint">The file with the weights of the last epoch; null where no files are kept.</param>
public sealed record TrainingResult(IReadOnlyList<EpochRecord> History, int BestEpoch, string? BestCheckpoint, string? LastCheckpoint)
{
    /// <summary>The record of the best epoch.</summary>
    public EpochRecord Best => History[BestEpoch - 1];

    /// <summary>The record of the last epoch.</summary>
    public EpochRecord Last => History[^1];
}
