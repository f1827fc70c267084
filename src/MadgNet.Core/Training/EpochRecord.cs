using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean total loss over its steps.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Validation">Its validation score; null where it was not validated.</param>
/// <param name="Duration">How long it took, with validation.</param>
public sealed record EpochRecord(int Epoch, double Loss, double LearningRate, ValidationScore? Validation, TimeSpan Duration)
{
    /// <summary>Its optimizer steps.</summary>
    public int Steps { get; init; }

    /// <summary>The mean terms of the loss, a stage each, deepest first.</summary>
    public IReadOnlyList<TaskLossValues> StageLosses { get; init; } = [];

    /// <summary>Training images a second, without validation.</summary>
    public double ImagesPerSecond { get; init; }

    /// <summary>The time spent waiting for the loader.</summary>
    public TimeSpan DataTime { get; init; }

    /// <summary>The time of forward, backward and update.</summary>
    public TimeSpan ComputeTime { get; init; }

    /// <summary>The mean norm of the gradients, before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The most memory that the process has held so far, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>The validation score of the averaged weights; null without them.</summary>
    public ValidationScore? AverageValidation { get; init; }
}
