namespace MadgNet.Core.Training;

/// <summary>
/// Sees a training run from the inside: what history files, TensorBoard logs and a host's own displays are made of.
/// Implement what is of interest; the rest does nothing.
/// </summary>
/// <remarks>
/// Called on the thread that trains, in the order of events, outside of any tensor scope of the trainer. The reports hold
/// plain numbers and may be kept. An observer that throws is logged once and taken off the run: it cannot end a training.
/// </remarks>
public interface ITrainingObserver
{
    /// <summary>A run begins, or goes on where a checkpoint left it.</summary>
    /// <param name="run">What is trained, on what and how; valid until the run ends.</param>
    void RunStarted(TrainingRun run)
    {
    }

    /// <summary>An optimizer step was taken, or skipped.</summary>
    /// <param name="step">The step.</param>
    void StepCompleted(StepReport step)
    {
    }

    /// <summary>The validation set was scored.</summary>
    /// <param name="validation">The scores, and a few pictures where they were asked for.</param>
    void ValidationCompleted(ValidationReport validation)
    {
    }

    /// <summary>An epoch ended, with its validation.</summary>
    /// <param name="epoch">The epoch.</param>
    void EpochCompleted(EpochRecord epoch)
    {
    }

    /// <summary>The run noticed something that a person should know; every kind once.</summary>
    /// <param name="warning">The warning.</param>
    void Warned(TrainingWarning warning)
    {
    }

    /// <summary>The run ended: finished, stopped early, cancelled or failed. Always the last call.</summary>
    /// <param name="end">How it ended.</param>
    void RunEnded(TrainingRunEnd end)
    {
    }
}
