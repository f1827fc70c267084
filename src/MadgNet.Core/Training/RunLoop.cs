using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Watching;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>
/// One training run. What it does next follows from its <see cref="RunState"/> alone, so that a run whose state was saved
/// between any two steps goes on as if nothing had happened.
/// </summary>
/// <remarks>
/// The loop only says what follows what: <see cref="RunStart"/> begins, <see cref="RunStepper"/> takes steps,
/// <see cref="ValidationPolicy"/> says when the <see cref="RunValidator"/> scores, <see cref="BestSoFar"/> judges the scores,
/// <see cref="RunCheckpoints"/> and <see cref="RunWeights"/> write.
/// </remarks>
internal sealed class RunLoop : IDisposable
{
    private readonly SegmentationModel _model;
    private readonly TrainerOptions _options;
    private readonly ILogger _logger;
    private readonly BatchLoader _training;
    private readonly BatchLoader? _validation;
    private readonly RunReporter _reporter;
    private readonly PrecisionPlan _plan;
    private readonly RunValidator? _validator;
    private readonly RunStepper _stepper;
    private readonly RankSync _ranks;
    private readonly LearningRateRun _schedule;
    private readonly ValidationPolicy _policy;
    private readonly BestSoFar _best;
    private readonly LoaderWatch _loaderWatch = new();
    private readonly TrainingMode _mode;
    private readonly RunClock _clock;
    private readonly RunStart _start;
    private readonly RunCheckpoints _checkpoints;
    private readonly RunWeights _weights;
    private readonly IReadOnlyDictionary<string, string> _fingerprint;
    private readonly RunLength _length;
    private RunState _state = new();
    private bool _diverged;

    public RunLoop(
        SegmentationModel model,
        TrainerOptions options,
        ILogger logger,
        BatchLoader training,
        BatchLoader? validation,
        IProgress<TrainingProgress>? progress)
    {
        ProcessGroup group = options.ProcessGroup;
        if (!group.Leads)
        {
            // Files, observers and progress are rank 0's.
            options = options with { OutputFolder = null, Resume = ResumeMode.Never, Observers = [], ValidationPictures = 0 };
            logger = new RankLogger(logger, group.Rank);
            progress = null;
        }

        _model = model;
        _options = options;
        _logger = logger;
        _training = training;
        _validation = validation;
        _length = RunLength.Of(options, training);
        _clock = new RunClock(options.Clock);
        _reporter = new RunReporter(options, logger, progress, _length, _clock);
        _policy = new ValidationPolicy(options, _length.Epochs, validates: validation is not null);
        _best = new BestSoFar(options);
        _schedule = options.Schedule.Start();
        CheckpointFolder? folder = options.OutputFolder is null
            ? null
            : new CheckpointFolder(options.OutputFolder, options.Checkpoints, logger);
        _fingerprint = RunFingerprint.Of(model, options, training, validation);
        foreach (string kind in options.OutputFolder is null ? [] : RunFingerprint.Silent(options, training))
        {
            logger.LogWarning(
                "{Kind} holds settings that it does not describe: a resumed run cannot notice that they changed. Override Describe()",
                kind);
        }

        _mode = new TrainingMode(model, options);
        _plan = PrecisionPlan.Choose(options.Precision, options.Layout, model.Device, logger);
        _plan.Prepare(model);
        _ranks = new RankSync(group, model, options.SynchronizeNormalization);
        try
        {
            _stepper = new RunStepper(model, options, logger, _plan, _reporter, training, _ranks);
        }
        catch
        {
            _ranks.Dispose();
            throw;
        }

        var parts = new RunParts(model, options, logger, _reporter, _plan, _ranks, _stepper, _schedule, _clock, _fingerprint);
        _start = new RunStart(parts, folder);
        _checkpoints = new RunCheckpoints(parts, folder);
        _weights = new RunWeights(parts, training.Options.Seed);
        _validator = validation is null ? null : new RunValidator(parts, validation);
    }

    /// <summary>Whether what ended the run ends it on all ranks alike.</summary>
    public bool EndsTogether => _ranks.EndsTogether;

    public TrainingResult Run(CancellationToken cancellationToken)
    {
        using IDisposable backend = _options.Backend.Apply(_logger);
        _ranks.CompareSetup(_fingerprint);
        (_state, bool resumes) = _start.Begin();
        _state = _start.Follow(_state);
        _clock.Start(_state);
        _checkpoints.Start(_state, isSaved: resumes);
        var run = new TrainingRun(_model, _options, _training, _validation, _state.Step, _state.History.Count, _plan.Describe());
        _reporter.Started(run);
        try
        {
            foreach (Problem problem in _plan.Warnings)
            {
                _reporter.Warn(_state, TrainingWarningKind.PrecisionFallback, problem);
            }

            while (!_policy.IsFinished(_state))
            {
                RunEpoch(cancellationToken);
            }

            TrainingResult result = End();
            _reporter.Ended(new TrainingRunEnd(result.Reason, result, null));
            return result;
        }
        catch (OperationCanceledException exception)
        {
            _logger.LogInformation("Training was cancelled after {Steps} steps", _state.Step);
            SaveAfterInterruption(exception);
            _reporter.Ended(new TrainingRunEnd(TrainingEndReason.Cancelled, null, null));
            throw;
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "Training failed after {Steps} steps", _state.Step);
            SaveAfterInterruption(exception);
            _reporter.Ended(new TrainingRunEnd(TrainingEndReason.Failed, null, exception));
            throw;
        }
    }

    public void Dispose()
    {
        _stepper.Optimizer.ZeroGradients();
        _stepper.Dispose();
        _ranks.Dispose();
        _mode.Dispose();
        _start.Dispose();
    }

    private void RunEpoch(CancellationToken cancellationToken)
    {
        _mode.Enter(_state.Epoch);
        using (IEnumerator<Batch?> batches = Batches(cancellationToken).GetEnumerator())
        {
            while (true)
            {
                // Asked before the step, not after it, so that a run that was interrupted in between does it when it goes on.
                if (_policy.IsDueAtStep(_state))
                {
                    Validate(cancellationToken);
                    _mode.Enter(_state.Epoch);
                }

                _checkpoints.SaveWhenDue(_state);
                if (_policy.StepsReached(_state) || _policy.StopsEarly(_state))
                {
                    break;
                }

                if (_ranks.IsAlone)
                {
                    // Several ranks agree on it at every batch.
                    cancellationToken.ThrowIfCancellationRequested();
                }

                double rate = _schedule.RateAt(_length.At(_state));
                if (_stepper.Step(_state, batches, rate, cancellationToken) is not { } step)
                {
                    break;
                }

                Tell(step);
                if (!_ranks.IsAlone && _state.Step % _options.CompareRanksEvery == 0)
                {
                    CompareRanks();
                }
            }
        }

        if (_state.Meter.Images == 0)
        {
            throw _ranks.Together(new TrainingException(new Problem(
                $"Epoch {_state.Epoch + 1}",
                "no batch that can be trained on",
                "at least one",
                "Look at the samples that the loader skipped, or use larger batches")));
        }

        if (_policy.IsDueAtEpochEnd(_state))
        {
            Validate(cancellationToken);
        }

        EndEpoch();
    }

    /// <summary>What is left of the epoch: this rank's part of every batch.</summary>
    private IEnumerable<Batch?> Batches(CancellationToken cancellationToken) => _ranks.IsAlone
        ? _training.EpochFor(_model.Tasks, _state.Epoch, _state.Batch, cancellationToken)
        : _training.PartsFor(
            _model.Tasks, _state.Epoch, _state.Batch, BatchPart.Slice(_ranks.Group.Rank, _ranks.Group.Size), CancellationToken.None);

    private void CompareRanks()
    {
        try
        {
            _ranks.CompareWeights(_state.Step);
        }
        catch (ProcessGroupException)
        {
            // Which rank is right is not known: the last checkpoint is of a time when all were the same.
            _diverged = true;
            throw;
        }
    }

    private void Tell(StepReport step)
    {
        _reporter.Step(step);
        if (_loaderWatch.Add(step, _training.Options.Workers) is { } stalled)
        {
            _reporter.Warn(_state, TrainingWarningKind.LoaderStalled, stalled);
        }

        _reporter.Report(TrainingPhase.Training, _state, _state.Epoch, _state.Meter, step.StepInEpoch, _length.StepsPerEpoch);
    }

    private void Validate(CancellationToken cancellationToken)
    {
        (RunValidation raw, RunValidation? averaged) = _validator!.Score(
            _state,
            batch => _reporter.Report(
                TrainingPhase.Validation, _state, _state.Epoch, _state.Meter, batch, _validation!.BatchCount),
            cancellationToken);

        // Either all of this is in the state and the files are written, or the validation is done again.
        var before = RunState.FromJson(_state.ToJson());
        string schedule = _schedule.SaveState();
        double? threshold = _model.Threshold;
        try
        {
            Commit(raw, averaged);
        }
        catch
        {
            _state = before;
            _schedule.LoadState(schedule);
            _model.Threshold = threshold;
            throw;
        }

        WarnOfCollapsedAttention();
        _reporter.Validated(_state, raw, averaged);
    }

    /// <summary>Takes a validation into the state, and saves weights that are better than all before.</summary>
    private void Commit(RunValidation raw, RunValidation? averaged)
    {
        _state.ValidatedStep = _state.Step;
        _state.Validations++;
        _state.LatestScore = _state.EpochScore = raw.Report.Score;
        _state.EpochAverageScore = averaged?.Report.Score;
        _state.Threshold = raw.Threshold;
        _state.AverageThreshold = averaged?.Threshold;
        _model.Threshold = raw.Threshold ?? _model.Threshold;
        _schedule.Observe(raw.Monitored, _length.At(_state));
        (bool isBest, bool isBestAverage) = _best.Take(_state, raw.Monitored, averaged?.Monitored);
        if (isBest)
        {
            _state.BestIsSaved = _weights.TrySave(_state, Trainer.BestFileName, average: false);
        }

        if (isBestAverage)
        {
            _state.BestAverageIsSaved = _weights.TrySave(_state, Trainer.BestEmaFileName, average: true);
        }
    }

    private void WarnOfCollapsedAttention()
    {
        if (AttentionWatch.FindCollapsed(_model) is { } collapsed)
        {
            _reporter.Warn(_state, TrainingWarningKind.AttentionWeightsCollapsed, collapsed);
        }
    }

    private void EndEpoch()
    {
        WarnOfCollapsedAttention();
        EpochMeter meter = _state.Meter;
        int epoch = _state.Epoch;
        int steps = _state.StepInEpoch;
        EpochRecord record = _state.EndEpoch(_clock.Epoch);
        _clock.NextEpoch();
        _reporter.EpochEnded(record);
        if (!_policy.IsFinished(_state))
        {
            _weights.SaveLast(_state, mustSucceed: false);
            if (_options.Checkpoints.EveryEpochs is { } every && _state.Epoch % every == 0)
            {
                _checkpoints.TrySave(_state);
            }
        }

        _reporter.Report(TrainingPhase.EpochCompleted, _state, epoch, meter, steps, _length.StepsPerEpoch);
    }

    private TrainingResult End()
    {
        _model.eval();
        if (_state.End is null || !File.Exists(_weights.PathOf(Trainer.LastFileName)))
        {
            // The end is noted after the files were written, so that a run that is interrupted in between writes them when it goes on.
            _weights.SaveLast(_state, mustSucceed: true);
            _state.End = _policy.IsComplete(_state) ? TrainingEndReason.Completed : TrainingEndReason.StoppedEarly;
            _checkpoints.TrySave(_state);
        }

        return _weights.Result(_state, _state.End.Value);
    }

    /// <summary>Saves what there is when a run ends before its time.</summary>
    private void SaveAfterInterruption(Exception cause)
    {
        if (_options.OutputFolder is null)
        {
            return;
        }

        if (_diverged)
        {
            _logger.LogError("The ranks' weights differ: the last checkpoint stays the one to go on from");
            return;
        }

        if (!_stepper.Intact)
        {
            _logger.LogError(
                "The weights were being changed when the run was interrupted: the last checkpoint stays the one to go on from");
            return;
        }

        _stepper.Rollback();
        bool checkpointed = _checkpoints.TrySave(_state);
        try
        {
            _weights.SaveLast(_state, mustSucceed: cause is OperationCanceledException);
        }
        catch (TrainingException exception) when (checkpointed)
        {
            _logger.LogError(exception, "The last weights are in the checkpoint alone");
        }
    }
}
