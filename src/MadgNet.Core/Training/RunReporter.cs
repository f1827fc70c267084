using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>Tells observers, log and progress what a run does.</summary>
internal sealed class RunReporter(TrainerOptions options, ILogger logger, IProgress<TrainingProgress>? progress)
{
    private readonly List<ITrainingObserver> _observers = [.. options.Observers];

    public void Raise(string what, Action<ITrainingObserver> call)
    {
        foreach (ITrainingObserver observer in _observers.ToList())
        {
            try
            {
                call(observer);
            }
            catch (Exception exception)
            {
                // Whatever it was: what only looks on cannot be allowed to end a training of days.
                _observers.Remove(observer);
                logger.LogError(
                    exception,
                    "The observer {Observer} failed at {Event} and is no longer told of this run",
                    observer.GetType().Name,
                    what);
            }
        }
    }

    /// <summary>Warns, of every kind once in a run.</summary>
    public void Warn(RunState state, TrainingWarningKind kind, Problem problem)
    {
        if (state.Warned.Contains(kind))
        {
            return;
        }

        state.Warned.Add(kind);
        logger.LogWarning("{Kind} in epoch {Epoch}, step {Step}: {Problem}", kind, state.Epoch + 1, state.Step + 1, problem);
        var warning = new TrainingWarning(kind, state.Epoch + 1, state.Step + 1, problem);
        Raise(nameof(ITrainingObserver.Warned), observer => observer.Warned(warning));
    }

    public void Report(
        TrainingPhase phase,
        RunState state,
        int epoch,
        EpochMeter meter,
        int step,
        int steps,
        TrainingPosition end,
        double rate,
        TimeSpan elapsed)
    {
        if (progress is null)
        {
            return;
        }

        // What follows the last step, its validation and files, is a sliver of the run, so that the estimate does not end before it does.
        bool ended = phase == TrainingPhase.EpochCompleted && (state.Epoch >= end.Epochs || state.Step >= end.Steps);
        double done = ended ? 1 : Math.Min(1, (double)state.Step / end.Steps) * 0.999;
        progress.Report(new TrainingProgress
        {
            Phase = phase,
            Epoch = epoch + 1,
            Epochs = end.Epochs,
            Step = step,
            Steps = steps,
            StepsDone = state.Step,
            TotalSteps = end.Steps,
            Loss = meter.MeanLoss,
            StageLosses = meter.MeanStages,
            LearningRate = rate,
            ImagesPerSecond = meter.ImagesPerSecond,
            DataTime = meter.DataTime,
            ComputeTime = meter.ComputeTime,
            MemoryBytes = Environment.WorkingSet,
            Elapsed = elapsed,
            Remaining = done > 0 ? elapsed * ((1 - done) / done) : TimeSpan.Zero,
            Validation = state.LatestScore,
            BestEpoch = (state.Best ?? state.BestAverage)?.Epoch ?? 0,
        });
    }
}
