namespace MadgNet.Core.Training;

/// <summary>What a training run is busy with.</summary>
public enum TrainingPhase
{
    /// <summary>A training step has ended.</summary>
    Training,

    /// <summary>A validation batch has been scored.</summary>
    Validation,

    /// <summary>An epoch has ended, with its validation and its files.</summary>
    EpochCompleted,
}
