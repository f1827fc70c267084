using System.Diagnostics;
using MadgNet.Core.Metrics;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <content>Checkpoints and weights on disk.</content>
internal sealed partial class RunLoop
{
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
        bool checkpointed = TrySaveCheckpoint();
        try
        {
            SaveLast(mustSucceed: cause is OperationCanceledException);
        }
        catch (TrainingException exception) when (checkpointed)
        {
            _logger.LogError(exception, "The last weights are in the checkpoint alone");
        }
    }

    private void SaveWhenDue()
    {
        if (_checkpoints is null || _saved == Mark() || _state.Step == 0)
        {
            return;
        }

        bool due = (_options.Checkpoints.EverySteps is { } steps && _state.Step % steps == 0)
            || (_options.Checkpoints.Every is { } time && _options.Clock.GetElapsedTime(_savedAt) >= time)
            || (_retryAfter > 0 && --_retryIn <= 0);
        if (due)
        {
            TrySaveCheckpoint();
        }
    }

    /// <summary>Writes a checkpoint. A failure is reported and training goes on: it is tried again after 1, 2, 4 … steps.</summary>
    private bool TrySaveCheckpoint()
    {
        if (_checkpoints is null || _saved == Mark())
        {
            return _checkpoints is not null;
        }

        try
        {
            _state.Elapsed = Elapsed;
            _state.Meter.Duration = _epochBefore + _options.Clock.GetElapsedTime(_epochClock);
            _state.Schedule = _schedule.SaveState();
            _state.Scaler = _stepper.Scaler?.SaveState();
            long started = Stopwatch.GetTimestamp();
            using (Tensor random = RunSnapshot.RandomState())
            {
                string path = _checkpoints.Save(_state, _fingerprint, Tensors(random), _options.Probe);
                _logger.LogInformation(
                    "Wrote checkpoint {Path} in {Milliseconds:F0} ms", path, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            _saved = Mark();
            _savedAt = _options.Clock.GetTimestamp();
            _retryAfter = 0;
            return true;
        }
        catch (WeightFileException exception)
        {
            _retryAfter = Math.Clamp(2 * _retryAfter, 1, LongestRetry);
            _retryIn = _retryAfter;
            _logger.LogError(
                exception, "Cannot write a checkpoint; training goes on, and it is tried again after {Steps} steps", _retryAfter);
            _reporter.Warn(_state, TrainingWarningKind.CheckpointFailed, exception.Problem);
            return false;
        }
    }

    private IEnumerable<KeyValuePair<string, Tensor>> Tensors(Tensor random)
    {
        foreach ((string name, Tensor tensor) in _model.state_dict())
        {
            yield return new($"model/{name}", tensor);
        }

        foreach ((string name, Tensor tensor) in _stepper.Optimizer.State())
        {
            yield return new($"optimizer/{name}", tensor);
        }

        foreach ((string name, Tensor tensor) in _stepper.Average?.State() ?? new Dictionary<string, Tensor>())
        {
            yield return new($"average/{name}", tensor);
        }

        yield return new("random/cpu", random);
    }

    private (int Epoch, long Step, long Validated, bool Ended) Mark() =>
        (_state.Epoch, _state.Step, _state.ValidatedStep, _state.End is not null);

    private void SaveLast(bool mustSucceed)
    {
        if (_options.OutputFolder is null)
        {
            return;
        }

        try
        {
            Save(Trainer.LastFileName, average: false);
            if (_stepper.Average is not null)
            {
                Save(Trainer.LastEmaFileName, average: true);
            }
        }
        catch (WeightFileException exception) when (mustSucceed)
        {
            throw new TrainingException(
                new Problem(
                    Trainer.LastFileName,
                    $"a failure to save the last weights ({exception.Message.TrimEnd('.')})",
                    "a file with the last weights",
                    "The model still holds the weights: save it elsewhere with SegmentationModel.Save"),
                exception);
        }
        catch (WeightFileException exception)
        {
            ReportFailure(exception, Trainer.LastFileName);
        }
    }

    private bool TrySave(string name, bool average)
    {
        if (_options.OutputFolder is null)
        {
            return false;
        }

        try
        {
            Save(name, average);
            return true;
        }
        catch (WeightFileException exception)
        {
            ReportFailure(exception, name);
            return false;
        }
    }

    private void ReportFailure(WeightFileException exception, string name)
    {
        _logger.LogError(exception, "Cannot save {Name}; training goes on", name);
        _reporter.Warn(_state, TrainingWarningKind.CheckpointFailed, exception.Problem);
    }

    private void Save(string name, bool average)
    {
        bool validated = _state.ValidatedStep == _state.Step;
        ValidationScore? score = !validated
            ? null
            : average ? _state.EpochAverageScore ?? _state.History.LastOrDefault()?.EmaValidation : _state.LatestScore;
        EpochRecord? ended = _state.Meter.Images == 0 ? _state.History.LastOrDefault() : null;
        var metadata = new Dictionary<string, string>
        {
            ["training.epoch"] = FormattableString.Invariant($"{ended?.Epoch ?? _state.Epoch + 1}"),
            ["training.step"] = FormattableString.Invariant($"{_state.Step}"),
            ["training.loss"] = FormattableString.Invariant($"{ended?.Loss ?? _state.Meter.MeanLoss:R}"),
            ["training.seed"] = FormattableString.Invariant($"{_training.Options.Seed}"),
            ["training.average"] = average ? "true" : "false",
        };
        if (score is not null)
        {
            metadata["training.validation_dice"] = FormattableString.Invariant($"{score.Dice:R}");
            if (score.Monitor != Metric.Dice.Name)
            {
                metadata["training.monitor"] = score.Monitor;
                metadata["training.monitored"] = FormattableString.Invariant($"{score.Monitored:R}");
            }

            metadata["training.validation_iou"] = FormattableString.Invariant($"{score.IntersectionOverUnion:R}");
        }

        _options.Probe?.Invoke($"before {name}, step {_state.Step}");
        using IDisposable? swapped = average ? _stepper.Average!.Apply() : null;
        double? threshold = _model.Threshold;
        try
        {
            // A threshold belongs to the weights it was found for.
            _model.Threshold = !_options.CalibrateThreshold
                ? threshold
                : !validated ? null : average ? _state.AverageThreshold : _state.Threshold;
            Directory.CreateDirectory(_options.OutputFolder!);
            _model.Save(PathOf(name), metadata);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw WeightFileReader.Fault(
                PathOf(name),
                $"a folder that cannot be made ({exception.Message.TrimEnd('.')})",
                "a folder that can be written to",
                "Check the disk and the permissions",
                exception);
        }
        finally
        {
            _model.Threshold = threshold;
        }

        _options.Probe?.Invoke($"after {name}, step {_state.Step}");
    }

    private string PathOf(string name) => Path.Combine(_options.OutputFolder ?? "", name);
}
