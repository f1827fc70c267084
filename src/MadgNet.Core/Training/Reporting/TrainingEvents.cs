namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A training run as events, for hosts that would rather subscribe than implement <see cref="ITrainingObserver"/>.
/// The sender is this object.
/// </summary>
/// <remarks>
/// Events are raised on the thread that trains, which waits for the handlers: a user interface hands over to its own thread.
/// A handler that throws is treated as an observer that does: it is logged, and this object hears no more of the run.
/// </remarks>
public sealed class TrainingEvents : ITrainingObserver
{
    /// <summary>A run begins, or goes on where a checkpoint left it.</summary>
    public event EventHandler<TrainingRun>? Started;

    /// <summary>An optimizer step was taken, or skipped.</summary>
    public event EventHandler<StepReport>? StepTaken;

    /// <summary>The validation set was scored.</summary>
    public event EventHandler<ValidationReport>? Validated;

    /// <summary>An epoch ended, with its validation.</summary>
    public event EventHandler<EpochRecord>? EpochEnded;

    /// <summary>The run noticed something that a person should know.</summary>
    public event EventHandler<TrainingWarning>? Warning;

    /// <summary>The run ended: finished, stopped early, cancelled or failed.</summary>
    public event EventHandler<TrainingRunEnd>? Ended;

    /// <inheritdoc/>
    void ITrainingObserver.RunStarted(TrainingRun run) => Started?.Invoke(this, run);

    /// <inheritdoc/>
    void ITrainingObserver.StepCompleted(StepReport step) => StepTaken?.Invoke(this, step);

    /// <inheritdoc/>
    void ITrainingObserver.ValidationCompleted(ValidationReport validation) => Validated?.Invoke(this, validation);

    /// <inheritdoc/>
    void ITrainingObserver.EpochCompleted(EpochRecord epoch) => EpochEnded?.Invoke(this, epoch);

    /// <inheritdoc/>
    void ITrainingObserver.Warned(TrainingWarning warning) => Warning?.Invoke(this, warning);

    /// <inheritdoc/>
    void ITrainingObserver.RunEnded(TrainingRunEnd end) => Ended?.Invoke(this, end);
}
