using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>Where a training run stands. A report holds plain numbers: it may be kept and read on any thread.</summary>
public sealed record TrainingProgress
{
    /// <summary>What has just ended.</summary>
    public required TrainingPhase Phase { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>How many epochs the run has.</summary>
    public required int Epochs { get; init; }

    /// <summary>The step within the epoch, or the batch within validation, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>How many steps the epoch, or batches validation, has.</summary>
    public required int Steps { get; init; }

    /// <summary>The mean total loss over the epoch's steps so far; NaN before the first.</summary>
    public required double Loss { get; init; }

    /// <summary>The mean of every term of the loss over the epoch's steps so far, a stage each, deepest first.</summary>
    public required IReadOnlyList<TaskLossValues> StageLosses { get; init; }

    /// <summary>The optimizer steps taken since the beginning of the run, those before a resume too.</summary>
    public long StepsDone { get; init; }

    /// <summary>The optimizer steps that the whole run takes, unless it stops early.</summary>
    public long TotalSteps { get; init; }

    /// <summary>The learning rate of the latest step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training images a second, over the epoch so far, without validation and saving.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The time that the epoch's steps have waited for the loader so far.</summary>
    public TimeSpan DataTime { get; init; }

    /// <summary>The time of the epoch's forward and backward passes and updates so far.</summary>
    public TimeSpan ComputeTime { get; init; }

    /// <summary>The memory that the process holds, in bytes (its resident set).</summary>
    public long MemoryBytes { get; init; }

    /// <summary>The time that the run has taken so far; of a resumed run, without the time in which nothing ran.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that is probably left, from the mean time of everything done so far.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>The latest validation score; null before the first and in runs without validation.</summary>
    public ValidationScore? Validation { get; init; }

    /// <summary>The epoch with the best validation so far, from 1; 0 before the first score.</summary>
    public int BestEpoch { get; init; }
}
