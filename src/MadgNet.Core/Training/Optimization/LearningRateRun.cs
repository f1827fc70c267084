namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// A learning-rate schedule in one training run. Most know nothing but the position and have no state; one that learns from
/// scores saves what it learned, and goes on from it exactly.
/// </summary>
public abstract class LearningRateRun
{
    /// <summary>The learning rate of the step that comes next, before the multipliers of parameter groups.</summary>
    /// <param name="position">Where the run is. Asking changes nothing.</param>
    /// <returns>The rate, finite and 0 or more.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The position has a negative part or a total below 1.</exception>
    public abstract double RateAt(TrainingPosition position);

    /// <summary>Tells the score of a validation. Does nothing unless the schedule goes by scores.</summary>
    /// <param name="score">The score; what counts as better is the schedule's setting. One that is not a number counts as no
    /// improvement.</param>
    /// <param name="position">Where the run was when it was validated.</param>
    public virtual void Observe(double score, TrainingPosition position)
    {
    }

    /// <summary>What has to be remembered to go on exactly.</summary>
    /// <returns>A text of the schedule's own; empty where there is nothing to remember.</returns>
    public virtual string SaveState() => "";

    /// <summary>Takes up what <see cref="SaveState"/> gave.</summary>
    /// <param name="state">The text.</param>
    /// <exception cref="TrainingStateException">The text is not one of this schedule's; the run is as it was.</exception>
    public virtual void LoadState(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Length > 0)
        {
            throw new TrainingStateException(
                "learning-rate schedule",
                [new Problem(
                    "state",
                    $"'{state}'",
                    "none: this schedule has no state",
                    "Resume with the schedule that the checkpoint was written with")]);
        }
    }

    /// <summary>How far a run is, 0 at the first epoch or step and 1 after the last.</summary>
    internal static double Share(TrainingPosition position, ScheduleUnit unit)
    {
        Check(position);
        return unit == ScheduleUnit.Epoch
            ? Math.Min(1, (double)position.Epoch / position.Epochs)
            : Math.Min(1, (double)position.Step / position.Steps);
    }

    internal static TrainingPosition Check(TrainingPosition position) =>
        position is { Step: >= 0, Steps: >= 1, Epoch: >= 0, Epochs: >= 1, StepsPerEpoch: >= 1 }
            ? position
            : throw new ArgumentOutOfRangeException(
                nameof(position), position, "Expected a step and an epoch of 0 or more, and totals of 1 or more. Count from 0.");
}
