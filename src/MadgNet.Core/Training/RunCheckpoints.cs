using System.Diagnostics;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>When a run writes a checkpoint, and what is in it.</summary>
/// <param name="parts">What the run is made of.</param>
/// <param name="folder">Where the checkpoints are; null for a run without files.</param>
internal sealed class RunCheckpoints(RunParts parts, CheckpointFolder? folder)
{
    /// <summary>The most steps between two attempts to write a checkpoint that could not be written.</summary>
    private const int LongestRetry = 256;

    private (int Epoch, long Step, long Validated, bool Ended)? _saved;
    private long _savedAt;
    private int _retryIn;
    private int _retryAfter;

    /// <summary>Begins to count the time between two checkpoints.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="isSaved">Whether it comes from a checkpoint, which holds it already.</param>
    public void Start(RunState state, bool isSaved)
    {
        _saved = isSaved ? Mark(state) : null;
        _savedAt = parts.Options.Clock.GetTimestamp();
    }

    /// <summary>Writes a checkpoint where the options ask for one between two steps, or where an earlier attempt failed.</summary>
    public void SaveWhenDue(RunState state)
    {
        if (folder is null || _saved == Mark(state) || state.Step == 0)
        {
            return;
        }

        bool due = (parts.Options.Checkpoints.EverySteps is { } steps && state.Step % steps == 0)
            || (parts.Options.Checkpoints.Every is { } time && parts.Options.Clock.GetElapsedTime(_savedAt) >= time)
            || (_retryAfter > 0 && --_retryIn <= 0);
        if (due)
        {
            TrySave(state);
        }
    }

    /// <summary>Writes a checkpoint. A failure is reported and training goes on: it is tried again after 1, 2, 4 … steps.</summary>
    public bool TrySave(RunState state)
    {
        if (folder is null || _saved == Mark(state))
        {
            return folder is not null;
        }

        try
        {
            state.Elapsed = parts.Clock.Elapsed;
            state.Meter.Duration = parts.Clock.Epoch;
            state.Schedule = parts.Schedule.SaveState();
            state.Scaler = parts.Stepper.Scaler?.SaveState();
            long started = Stopwatch.GetTimestamp();
            using (Tensor random = RunSnapshot.RandomState())
            {
                string path = folder.Save(state, parts.Fingerprint, Tensors(random), parts.Options.Probe);
                parts.Logger.LogInformation(
                    "Wrote checkpoint {Path} in {Milliseconds:F0} ms", path, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            _saved = Mark(state);
            _savedAt = parts.Options.Clock.GetTimestamp();
            _retryAfter = 0;
            return true;
        }
        catch (WeightFileException exception)
        {
            _retryAfter = Math.Clamp(2 * _retryAfter, 1, LongestRetry);
            _retryIn = _retryAfter;
            parts.Logger.LogError(
                exception, "Cannot write a checkpoint; training goes on, and it is tried again after {Steps} steps", _retryAfter);
            parts.Reporter.Warn(state, TrainingWarningKind.CheckpointFailed, exception.Problem);
            return false;
        }
    }

    private static (int Epoch, long Step, long Validated, bool Ended) Mark(RunState state) =>
        (state.Epoch, state.Step, state.ValidatedStep, state.End is not null);

    private IEnumerable<KeyValuePair<string, Tensor>> Tensors(Tensor random)
    {
        foreach ((string name, Tensor tensor) in parts.Model.state_dict())
        {
            yield return new($"model/{name}", tensor);
        }

        foreach ((string name, Tensor tensor) in parts.Stepper.Optimizer.State())
        {
            yield return new($"optimizer/{name}", tensor);
        }

        foreach ((string name, Tensor tensor) in parts.Stepper.Average?.State() ?? new Dictionary<string, Tensor>())
        {
            yield return new($"average/{name}", tensor);
        }

        yield return new("random/cpu", random);
    }
}
