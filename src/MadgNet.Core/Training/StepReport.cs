using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>What one optimizer step came to. With gradient accumulation a step covers several batches.</summary>
public sealed record StepReport
{
    /// <summary>The step since the beginning of the run, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The step within the epoch, from 1.</summary>
    public required int StepInEpoch { get; init; }

    /// <summary>The total loss, mean over the accumulated batches.</summary>
    public required double Loss { get; init; }

    /// <summary>The terms of the loss, a stage each, deepest first.</summary>
    public required IReadOnlyList<TaskLossValues> StageLosses { get; init; }

    /// <summary>The learning rate of the step, before the multipliers of parameter groups.</summary>
    public required double LearningRate { get; init; }

    /// <summary>The norm of all gradients together, before clipping; NaN where it was not computed.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>The factor that the loss was multiplied with for float16; 1 otherwise.</summary>
    public double LossScale { get; init; } = 1;

    /// <summary>Whether the step was skipped because loss or gradients were not finite.</summary>
    public bool Skipped { get; init; }

    /// <summary>The images that the step covered.</summary>
    public required int Images { get; init; }

    /// <summary>The time spent waiting for the loader.</summary>
    public required TimeSpan DataTime { get; init; }

    /// <summary>The time of forward, backward and update.</summary>
    public required TimeSpan ComputeTime { get; init; }
}
