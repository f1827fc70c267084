using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>Tells observers, log and progress what a run does.</summary>
internal sealed class RunReporter(
    TrainerOptions options, ILogger logger, IProgress<TrainingProgress>? progress, RunLength length, RunClock clock)
{
    private readonly List<ITrainingObserver> _observers = [.. options.Observers];

    /// <summary>Tells that a run begins.</summary>
    public void Started(TrainingRun run)
    {
        Raise(nameof(ITrainingObserver.RunStarted), observer => observer.RunStarted(run));
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogInformation(
                "Training {Epochs} epochs ({Steps} steps) on {Images} images (batches of {BatchSize}, {Accumulation} a step), "
                    + "validating on {ValidationImages}, on {Device} in {Precision}",
                length.Epochs,
                length.Steps,
                run.Training.SampleCount,
                run.Training.Options.BatchSize,
                options.AccumulationSteps,
                run.Validation?.SampleCount ?? 0,
                run.Model.Device,
                run.Precision);
        }
    }

    /// <summary>Tells that a step is taken.</summary>
    public void Step(StepReport step)
    {
        Raise(nameof(ITrainingObserver.StepCompleted), observer => observer.StepCompleted(step));
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.LogDebug(
                "Epoch {Epoch}, step {Step}: loss {Loss:F4}, gradient norm {GradientNorm:G4}, rate {LearningRate:G3}",
                step.Epoch,
                step.Step,
                step.Loss,
                step.GradientNorm,
                step.LearningRate);
        }
    }

    /// <summary>Tells what a validation came to.</summary>
    public void Validated(RunState state, RunValidation raw, RunValidation? averaged)
    {
        foreach (RunValidation validation in averaged is null ? (RunValidation[])[raw] : [raw, averaged])
        {
            Raise(nameof(ITrainingObserver.ValidationCompleted), observer => observer.ValidationCompleted(validation.Report));
        }

        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogInformation(
                "Validation after step {Step}: Dice {Dice:F4}, IoU {IoU:F4}, {Metric} {Monitored:F4}, of the averaged weights "
                    + "{EmaMonitored:F4}",
                state.Step,
                raw.Report.Score.Dice,
                raw.Report.Score.IntersectionOverUnion,
                options.Monitor.Name,
                raw.Monitored,
                averaged?.Monitored ?? double.NaN);
        }
    }

    /// <summary>Tells that an epoch has ended.</summary>
    public void EpochEnded(EpochRecord record)
    {
        Raise(nameof(ITrainingObserver.EpochCompleted), observer => observer.EpochCompleted(record));
        if (logger.IsEnabled(LogLevel.Information))
        {
            logger.LogInformation(
                "Epoch {Epoch}/{Epochs}: loss {Loss:F4}, rate {LearningRate:G3}, validation Dice {Dice:F4}, IoU {IoU:F4}, {Seconds:F1} s",
                record.Epoch,
                length.Epochs,
                record.Loss,
                record.LearningRate,
                record.Validation?.Dice ?? double.NaN,
                record.Validation?.IntersectionOverUnion ?? double.NaN,
                record.Duration.TotalSeconds);
        }
    }

    /// <summary>Tells that a run has ended.</summary>
    public void Ended(TrainingRunEnd end) => Raise(nameof(ITrainingObserver.RunEnded), observer => observer.RunEnded(end));

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

    /// <summary>Tells how far the run is.</summary>
    /// <param name="phase">What has just gone on.</param>
    /// <param name="state">Where the run is.</param>
    /// <param name="epoch">The epoch that is told of, from 0.</param>
    /// <param name="meter">What that epoch has come to.</param>
    /// <param name="step">How many of <paramref name="steps"/> the phase has done.</param>
    /// <param name="steps">How many it has.</param>
    public void Report(TrainingPhase phase, RunState state, int epoch, EpochMeter meter, int step, int steps)
    {
        if (progress is null)
        {
            return;
        }

        // What follows the last step, its validation and files, is a sliver of the run, so that the estimate does not end before it does.
        bool ended = phase == TrainingPhase.EpochCompleted && (state.Epoch >= length.Epochs || state.Step >= length.Steps);
        double done = ended ? 1 : Math.Min(1, (double)state.Step / length.Steps) * 0.999;
        TimeSpan elapsed = clock.Elapsed;
        progress.Report(new TrainingProgress
        {
            Phase = phase,
            Epoch = epoch + 1,
            Epochs = length.Epochs,
            Step = step,
            Steps = steps,
            StepsDone = state.Step,
            TotalSteps = length.Steps,
            Loss = meter.MeanLoss,
            StageLosses = meter.MeanStages,
            LearningRate = state.Rate,
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

    private void Raise(string what, Action<ITrainingObserver> call)
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
}
