using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean total loss over its steps; NaN where it had none.</param>
/// <param name="LearningRate">The learning rate of its last step.</param>
/// <param name="Validation">Its last validation score; null where it was not validated.</param>
/// <param name="Duration">How long it took, with validation and saving.</param>
public sealed record EpochRecord(int Epoch, double Loss, double LearningRate, ValidationScore? Validation, TimeSpan Duration)
{
    /// <summary>The optimizer steps that it took, skipped ones not counted.</summary>
    public int Steps { get; init; }

    /// <summary>The mean of every term of the loss over its steps, a stage each, deepest first.</summary>
    public IReadOnlyList<TaskLossValues> StageLosses { get; init; } = [];

    /// <summary>Training images a second, without validation and saving.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>The time that its steps waited for the loader.</summary>
    public TimeSpan DataTime { get; init; }

    /// <summary>The time of its steps' forward and backward passes and updates.</summary>
    public TimeSpan ComputeTime { get; init; }

    /// <summary>The mean norm of the gradients before clipping; NaN where it was not computed.</summary>
    public double GradientNorm { get; init; } = double.NaN;

    /// <summary>The most memory that the process has held so far, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>The last validation score of the averaged (EMA) weights; null without them.</summary>
    public ValidationScore? EmaValidation { get; init; }
}
