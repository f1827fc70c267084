using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using MadgNet.Core.Data;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Training.Watching;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MadgNet.Core.Training;

/// <summary>
/// One training run. What it does next follows from its <see cref="RunState"/> alone, so that a run whose state was saved
/// between any two steps goes on as if nothing had happened.
/// </summary>
internal sealed partial class RunLoop : IDisposable
{
    /// <summary>The most steps between two attempts to write a checkpoint that could not be written.</summary>
    private const int LongestRetry = 256;

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
    private readonly CheckpointFolder? _checkpoints;
    private RunLock? _lock;
    private readonly IReadOnlyDictionary<string, string> _fingerprint;
    private readonly List<(Parameter Parameter, bool Trained)> _encoder;
    private readonly List<(BatchNormalization Module, bool Frozen)> _normalizations;
    private readonly int _stepsPerEpoch;
    private readonly int _epochs;
    private readonly long _steps;
    private RunState _state = new();
    private long _runClock;
    private TimeSpan _elapsedBefore;
    private long _epochClock;
    private TimeSpan _epochBefore;
    private long _savedAt;
    private (int Epoch, long Step, long Validated, bool Ended)? _saved;
    private int _retryIn;
    private int _retryAfter;
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
        _reporter = new RunReporter(options, logger, progress);
        _stepsPerEpoch = (training.BatchCount + options.AccumulationSteps - 1) / options.AccumulationSteps;
        _epochs = options.Steps is { } steps ? (int)Math.Min(int.MaxValue, (steps + _stepsPerEpoch - 1) / _stepsPerEpoch) : options.Epochs;
        _steps = options.Steps ?? ((long)options.Epochs * _stepsPerEpoch);
        _policy = new ValidationPolicy(options, _epochs, validates: validation is not null);
        _best = new BestSoFar(options);
        _schedule = options.Schedule.Start();
        _checkpoints = options.OutputFolder is null ? null : new CheckpointFolder(options.OutputFolder, options.Checkpoints, logger);
        _fingerprint = RunFingerprint.Of(model, options, training, validation);
        foreach (string kind in options.OutputFolder is null ? [] : RunFingerprint.Silent(options, training))
        {
            logger.LogWarning(
                "{Kind} holds settings that it does not describe: a resumed run cannot notice that they changed. Override Describe()",
                kind);
        }

        _encoder = [.. model.named_parameters()
            .Where(entry => model.IsEncoderParameter(entry.name))
            .Select(entry => (entry.parameter, entry.parameter.requires_grad))];
        _normalizations = [.. model.modules().OfType<BatchNormalization>().Select(module => (module, module.FrozenStatistics))];
        _plan = PrecisionPlan.Choose(options.Precision, options.Layout, model.Device, logger);
        _plan.Prepare(model);
        _ranks = new RankSync(group, model, options.SynchronizeNormalization);
        try
        {
            _validator = validation is null ? null : new RunValidator(model, options, validation, _plan, _ranks);
            _stepper = new RunStepper(model, options, logger, _plan, _reporter, training, _ranks);
        }
        catch
        {
            _ranks.Dispose();
            throw;
        }
    }

    private TrainingPosition Position => new(_state.Step, _steps, Math.Min(_state.Epoch, _epochs - 1), _epochs, _stepsPerEpoch);

    private TimeSpan Elapsed => _elapsedBefore + _options.Clock.GetElapsedTime(_runClock);

    /// <summary>Whether what ended the run ends it on all ranks alike.</summary>
    public bool EndsTogether => _ranks.EndsTogether;

    public TrainingResult Run(CancellationToken cancellationToken)
    {
        using IDisposable backend = _options.Backend.Apply(_logger);
        _ranks.CompareSetup(_fingerprint);
        Begin();
        FollowLeader();
        _runClock = _epochClock = _savedAt = _options.Clock.GetTimestamp();
        _elapsedBefore = _state.Elapsed;
        _epochBefore = _state.Meter.Duration;
        var run = new TrainingRun(_model, _options, _training, _validation, _state.Step, _state.History.Count, _plan.Describe());
        _reporter.Raise(nameof(ITrainingObserver.RunStarted), observer => observer.RunStarted(run));
        try
        {
            Announce();
            foreach (Problem problem in _plan.Warnings)
            {
                _reporter.Warn(_state, TrainingWarningKind.PrecisionFallback, problem);
            }

            while (!_policy.IsFinished(_state))
            {
                RunEpoch(cancellationToken);
            }

            TrainingResult result = End();
            _reporter.Raise(
                nameof(ITrainingObserver.RunEnded), observer => observer.RunEnded(new TrainingRunEnd(result.Reason, result, null)));
            return result;
        }
        catch (OperationCanceledException exception)
        {
            _logger.LogInformation("Training was cancelled after {Steps} steps", _state.Step);
            SaveAfterInterruption(exception);
            _reporter.Raise(
                nameof(ITrainingObserver.RunEnded),
                observer => observer.RunEnded(new TrainingRunEnd(TrainingEndReason.Cancelled, null, null)));
            throw;
        }
        catch (Exception exception)
        {
            _logger.LogError(exception, "Training failed after {Steps} steps", _state.Step);
            SaveAfterInterruption(exception);
            _reporter.Raise(
                nameof(ITrainingObserver.RunEnded),
                observer => observer.RunEnded(new TrainingRunEnd(TrainingEndReason.Failed, null, exception)));
            throw;
        }
    }

    public void Dispose()
    {
        _stepper.Optimizer.ZeroGradients();
        _stepper.Dispose();
        _ranks.Dispose();
        foreach ((Parameter parameter, bool trained) in _encoder)
        {
            parameter.requires_grad = trained;
        }

        foreach ((BatchNormalization module, bool frozen) in _normalizations)
        {
            module.FrozenStatistics = frozen;
        }

        _model.eval();
        _lock?.Dispose();
    }

    /// <summary>Takes up the checkpoint of an earlier run, or begins anew.</summary>
    private void Begin()
    {
        if (_checkpoints is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(_options.OutputFolder!);
            _lock = RunLock.Take(_options.OutputFolder!, _logger);
            AtomicFile.RemoveAbandoned(_options.OutputFolder!);
            AtomicFile.RemoveAbandoned(_checkpoints.Path);
            if (_options.Resume == ResumeMode.Never
                || (_options.Resume is ResumeMode.IfPresent or ResumeMode.Extend && _checkpoints.List().Count == 0))
            {
                // Weights that are not gone on with are not written over either.
                EarlierRun.SetAside(_options.OutputFolder!, _logger);
                return;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TrainingException(
                new Problem(
                    nameof(TrainerOptions.OutputFolder),
                    $"'{_options.OutputFolder}', which cannot be made ready ({exception.Message.TrimEnd('.')})",
                    "a folder that can be written to",
                    "Choose another folder, or give this process the right to write there"),
                exception);
        }

        var damaged = new List<Problem>();
        using LoadedCheckpoint? checkpoint = _checkpoints.OpenLatest((path, exception) =>
        {
            _logger.LogWarning(exception, "The checkpoint {Path} is damaged; the one before it is taken", path);
            damaged.Add(exception.Problem);
        });
        if (checkpoint is null)
        {
            throw new ResumeException(
                _checkpoints.Path,
                [new Problem(
                    "checkpoints",
                    "a folder without any",
                    "the checkpoints of the run that is to go on",
                    "Check OutputFolder, or use ResumeMode.IfPresent to begin where there is none")]);
        }

        Restore(checkpoint);
        foreach (Problem problem in damaged)
        {
            _reporter.Warn(_state, TrainingWarningKind.CheckpointDamaged, problem);
        }
    }

    private void Restore(LoadedCheckpoint checkpoint)
    {
        IReadOnlyList<Problem> differences = RunFingerprint.Differences(checkpoint.Fingerprint, _fingerprint);
        bool extended = _options.Resume == ResumeMode.Extend && RunFingerprint.HasMoreEpochs(checkpoint.Fingerprint, _fingerprint);
        if (extended)
        {
            differences = [.. differences.Where(problem => problem.Subject != nameof(TrainerOptions.Epochs))];
        }

        if (differences.Count > 0)
        {
            throw new ResumeException(checkpoint.Archive.Path, differences);
        }

        foreach ((string what, string now) in CheckpointFolder.Versions())
        {
            if (checkpoint.Versions.GetValueOrDefault(what) is { } before && before != now)
            {
                _logger.LogWarning(
                    "The run began with {What} {Before} and goes on with {Now}: the weights need not be, bit for bit, those of a run "
                        + "that was not interrupted",
                    what,
                    before,
                    now);
            }
        }

        // What can refuse comes first, the model last: it is changed where everything else fits, or not at all.
        try
        {
            _schedule.LoadState(checkpoint.State.Schedule);
            if (_stepper.Scaler is { } scaler && checkpoint.State.Scaler is { } scale)
            {
                scaler.LoadState(scale);
            }

            Load(checkpoint, "optimizer/", _stepper.Optimizer.LoadState);
            if (_stepper.Average is { } average)
            {
                Load(checkpoint, "average/", average.LoadState);
            }
        }
        catch (TrainingStateException exception)
        {
            throw new ResumeException(checkpoint.Archive.Path, exception.Problems, exception);
        }

        CheckTensors(checkpoint);
        Load(checkpoint, "random/", random => RestoreRandom(checkpoint, random["cpu"]));
        Load(checkpoint, "model/", LoadModel);
        _state = checkpoint.State;
        if (extended)
        {
            // A run that has ended goes on, too; one that stopped early stays at its end.
            _state.End = null;
        }

        _model.Threshold = _state.Threshold ?? _model.Threshold;
        _saved = Mark();
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Goes on from {Path}: epoch {Epoch}, step {Step}, after {Elapsed} of training",
                checkpoint.Archive.Path,
                _state.Epoch + 1,
                _state.Step,
                _state.Elapsed);
        }

        static void Load(LoadedCheckpoint checkpoint, string prefix, Action<Dictionary<string, Tensor>> take)
        {
            Dictionary<string, Tensor> tensors = checkpoint.Load(prefix);
            try
            {
                take(tensors);
            }
            finally
            {
                LoadedCheckpoint.Release(tensors);
            }
        }
    }

    /// <summary>Refuses a checkpoint whose tensors are not the model's, although it says so: another program wrote it.</summary>
    private void CheckTensors(LoadedCheckpoint checkpoint)
    {
        var problems = new List<Problem>();
        IReadOnlyDictionary<string, TensorInfo> stored = checkpoint.Archive.Tensors;
        foreach ((string name, Tensor tensor) in _model.state_dict())
        {
            if (!stored.TryGetValue("model/" + name, out TensorInfo? info)
                || !info.Shape.SequenceEqual(tensor.shape)
                || info.Type != tensor.dtype)
            {
                problems.Add(new Problem(
                    "model/" + name,
                    info is null ? "no such tensor" : $"{info.Type} [{string.Join(", ", info.Shape)}]",
                    $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]",
                    "Use an older checkpoint: another program has changed this one"));
            }
        }

        if (!stored.TryGetValue("random/cpu", out TensorInfo? state) || state.Type != ScalarType.Byte || state.Shape.Count != 1)
        {
            problems.Add(new Problem(
                "random/cpu",
                state is null ? "no such tensor" : $"{state.Type} [{string.Join(", ", state.Shape)}]",
                "the state of the random numbers",
                "Use an older checkpoint: another program has changed this one"));
        }

        if (problems.Count > 0)
        {
            throw new ResumeException(checkpoint.Archive.Path, problems);
        }
    }

    private static void RestoreRandom(LoadedCheckpoint checkpoint, Tensor state)
    {
        try
        {
            RunSnapshot.SetRandomState(state);
        }
        catch (ExternalException exception)
        {
            throw new ResumeException(
                checkpoint.Archive.Path,
                [new Problem(
                    "random/cpu",
                    "bytes that libtorch refuses",
                    "the state of its random numbers",
                    "Use an older checkpoint: another program has changed this one")],
                exception);
        }
    }

    /// <summary>Gives all ranks what rank 0 begins with: state, weights and buffers, optimizer, averages and random numbers.</summary>
    private void FollowLeader()
    {
        if (_ranks.IsAlone)
        {
            return;
        }

        _state.Schedule = _schedule.SaveState();
        _state.Scaler = _stepper.Scaler?.SaveState();
        _state = RunState.FromJson(Encoding.UTF8.GetString(_ranks.Group.OfLeader(Encoding.UTF8.GetBytes(_state.ToJson()))));
        _ranks.Follow(_model.state_dict(), LoadModel);
        _ranks.Follow(_stepper.Optimizer.State(), _stepper.Optimizer.LoadState);
        if (_stepper.Average is { } average)
        {
            _ranks.Follow(average.State(), average.LoadState);
        }

        using (Tensor random = RunSnapshot.RandomState())
        {
            _ranks.Follow([new("cpu", random)], tensors => RunSnapshot.SetRandomState(tensors["cpu"]));
        }

        if (!_ranks.Group.Leads)
        {
            _schedule.LoadState(_state.Schedule);
            if (_stepper.Scaler is { } scaler && _state.Scaler is { } scale)
            {
                scaler.LoadState(scale);
            }

            _model.Threshold = _state.Threshold ?? _model.Threshold;
        }
    }

    private void LoadModel(Dictionary<string, Tensor> tensors)
    {
        // Names, shapes and types are part of the fingerprint, which was compared.
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach ((string name, Tensor tensor) in _model.state_dict())
        {
            tensor.copy_(tensors[name]);
        }
    }

    private void Announce()
    {
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Training {Epochs} epochs ({Steps} steps) on {Images} images (batches of {BatchSize}, {Accumulation} a step), "
                    + "validating on {ValidationImages}, on {Device} in {Precision}",
                _epochs,
                _steps,
                _training.SampleCount,
                _training.Options.BatchSize,
                _options.AccumulationSteps,
                _validation?.SampleCount ?? 0,
                _model.Device,
                _plan.Describe());
        }
    }

    private void RunEpoch(CancellationToken cancellationToken)
    {
        EnterTraining();
        using (IEnumerator<Batch?> batches = Batches(cancellationToken).GetEnumerator())
        {
            while (true)
            {
                // Asked before the step, not after it, so that a run that was interrupted in between does it when it goes on.
                if (_policy.IsDueAtStep(_state))
                {
                    Validate(cancellationToken);
                    EnterTraining();
                }

                SaveWhenDue();
                if (_policy.StepsReached(_state) || _policy.StopsEarly(_state))
                {
                    break;
                }

                if (_ranks.IsAlone)
                {
                    // Several ranks agree on it at every batch.
                    cancellationToken.ThrowIfCancellationRequested();
                }

                double rate = _schedule.RateAt(Position);
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

    private void EnterTraining()
    {
        _model.train();
        bool freezesEncoder = _state.Epoch < _options.FrozenEncoderEpochs;
        foreach ((Parameter parameter, bool trained) in _encoder)
        {
            parameter.requires_grad = trained && !freezesEncoder;
        }

        if (_options.FrozenNormalization == FrozenNormalization.None)
        {
            return;
        }

        bool all = _options.FrozenNormalization == FrozenNormalization.All;
        foreach (nn.Module module in _model.named_modules()
            .Where(part => all || _model.IsEncoderParameter(part.name + "."))
            .Select(part => part.module))
        {
            if (module is BatchNormalization normalization)
            {
                normalization.FrozenStatistics = true;
            }
            else if (module.named_buffers(recurse: false).Any(buffer => buffer.name == "running_mean"))
            {
                // A normalisation of the host's.
                module.eval();
            }
        }
    }

    private void Tell(StepReport step)
    {
        _reporter.Raise(nameof(ITrainingObserver.StepCompleted), observer => observer.StepCompleted(step));
        if (_loaderWatch.Add(step, _training.Options.Workers) is { } stalled)
        {
            _reporter.Warn(_state, TrainingWarningKind.LoaderStalled, stalled);
        }

        if (_logger.IsEnabled(LogLevel.Debug))
        {
            _logger.LogDebug(
                "Epoch {Epoch}, step {Step}: loss {Loss:F4}, gradient norm {GradientNorm:G4}, rate {LearningRate:G3}",
                step.Epoch,
                step.Step,
                step.Loss,
                step.GradientNorm,
                step.LearningRate);
        }

        Report(TrainingPhase.Training, _state.Epoch, _state.Meter, step.StepInEpoch, _stepsPerEpoch);
    }

    private void Validate(CancellationToken cancellationToken)
    {
        RunValidation raw = Score(average: false, cancellationToken);
        RunValidation? averaged = null;
        if (_stepper.Average is { } average)
        {
            using IDisposable swapped = average.Apply();
            averaged = Score(average: true, cancellationToken);
        }

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

        if (AttentionWatch.FindCollapsed(_model) is { } collapsed)
        {
            _reporter.Warn(_state, TrainingWarningKind.AttentionWeightsCollapsed, collapsed);
        }

        foreach (RunValidation validation in averaged is null ? (RunValidation[])[raw] : [raw, averaged])
        {
            _reporter.Raise(nameof(ITrainingObserver.ValidationCompleted), observer => observer.ValidationCompleted(validation.Report));
        }

        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Validation after step {Step}: Dice {Dice:F4}, IoU {IoU:F4}, {Metric} {Monitored:F4}, of the averaged weights "
                    + "{EmaMonitored:F4}",
                _state.Step,
                raw.Report.Score.Dice,
                raw.Report.Score.IntersectionOverUnion,
                _options.Monitor.Name,
                raw.Monitored,
                averaged?.Monitored ?? double.NaN);
        }
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
        _schedule.Observe(raw.Monitored, Position);
        (bool isBest, bool isBestAverage) = _best.Take(_state, raw.Monitored, averaged?.Monitored);
        if (isBest)
        {
            _state.BestIsSaved = TrySave(Trainer.BestFileName, average: false);
        }

        if (isBestAverage)
        {
            _state.BestAverageIsSaved = TrySave(Trainer.BestEmaFileName, average: true);
        }
    }

    private RunValidation Score(bool average, CancellationToken cancellationToken)
    {
        _model.eval();
        bool looks = !average && !_state.Warned.Contains(TrainingWarningKind.DeadAttention);
        return _validator!.Run(
            _state,
            average,
            looks ? LookAtAttention : null,
            batch => Report(TrainingPhase.Validation, _state.Epoch, _state.Meter, batch, _validation!.BatchCount),
            cancellationToken);

        void LookAtAttention(Tensor images)
        {
            if (AttentionWatch.FindDead(_model, images) is { } dead)
            {
                _reporter.Warn(_state, TrainingWarningKind.DeadAttention, dead);
            }
        }
    }

    private void EndEpoch()
    {
        EpochMeter meter = _state.Meter;
        meter.Duration = _epochBefore + _options.Clock.GetElapsedTime(_epochClock);
        var record = new EpochRecord(_state.Epoch + 1, meter.MeanLoss, _state.Rate, _state.EpochScore, meter.Duration)
        {
            Steps = meter.Steps,
            StageLosses = meter.Steps == 0 ? [] : meter.MeanStages,
            ImagesPerSecond = meter.ImagesPerSecond,
            DataTime = meter.DataTime,
            ComputeTime = meter.ComputeTime,
            GradientNorm = meter.MeanNorm,
            PeakMemoryBytes = PeakMemory(),
            EmaValidation = _state.EpochAverageScore,
        };
        if (AttentionWatch.FindCollapsed(_model) is { } collapsed)
        {
            _reporter.Warn(_state, TrainingWarningKind.AttentionWeightsCollapsed, collapsed);
        }

        int epoch = _state.Epoch;
        int steps = _state.StepInEpoch;
        _state.History.Add(record);
        _state.Epoch++;
        _state.Batch = 0;
        _state.StepInEpoch = 0;
        _state.Meter = new EpochMeter();
        _state.EpochScore = null;
        _state.EpochAverageScore = null;
        _epochBefore = TimeSpan.Zero;
        _epochClock = _options.Clock.GetTimestamp();
        _reporter.Raise(nameof(ITrainingObserver.EpochCompleted), observer => observer.EpochCompleted(record));
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Epoch {Epoch}/{Epochs}: loss {Loss:F4}, rate {LearningRate:G3}, validation Dice {Dice:F4}, IoU {IoU:F4}, {Seconds:F1} s",
                record.Epoch,
                _epochs,
                record.Loss,
                record.LearningRate,
                record.Validation?.Dice ?? double.NaN,
                record.Validation?.IntersectionOverUnion ?? double.NaN,
                record.Duration.TotalSeconds);
        }

        if (!_policy.IsFinished(_state))
        {
            SaveLast(mustSucceed: false);
            if (_options.Checkpoints.EveryEpochs is { } every && _state.Epoch % every == 0)
            {
                TrySaveCheckpoint();
            }
        }

        Report(TrainingPhase.EpochCompleted, epoch, meter, steps, _stepsPerEpoch);
    }

    private TrainingResult End()
    {
        _model.eval();
        if (_state.End is null || !File.Exists(PathOf(Trainer.LastFileName)))
        {
            // The end is noted after the files were written, so that a run that is interrupted in between writes them when it goes on.
            SaveLast(mustSucceed: true);
            _state.End = _policy.IsComplete(_state) ? TrainingEndReason.Completed : TrainingEndReason.StoppedEarly;
            TrySaveCheckpoint();
        }

        bool hasFiles = _options.OutputFolder is not null;
        bool hasAverage = hasFiles && _stepper.Average is not null;
        BestScore? best = _state.Best;
        return new TrainingResult(
            _state.History.AsReadOnly(),
            best?.Epoch ?? _state.History.Count,
            !hasFiles ? null : best is null ? PathOf(Trainer.LastFileName) : _state.BestIsSaved ? PathOf(Trainer.BestFileName) : null,
            hasFiles ? PathOf(Trainer.LastFileName) : null)
        {
            Reason = _state.End.Value,
            Steps = _state.Step,
            BestEmaCheckpoint = hasAverage && _state.BestAverageIsSaved ? PathOf(Trainer.BestEmaFileName) : null,
            LastEmaCheckpoint = hasAverage ? PathOf(Trainer.LastEmaFileName) : null,
        };
    }

    private void Report(TrainingPhase phase, int epoch, EpochMeter meter, int step, int steps) =>
        _reporter.Report(
            phase,
            _state,
            epoch,
            meter,
            step,
            steps,
            new TrainingPosition(_state.Step, _steps, epoch, _epochs, _stepsPerEpoch),
            _state.Rate,
            Elapsed);

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
