using System.Runtime.InteropServices;
using System.Text;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>What a run starts from: nothing, the latest checkpoint of its folder, or what rank 0 has. Holds the folder's lock.</summary>
/// <param name="parts">What the run is made of.</param>
/// <param name="checkpoints">Where the checkpoints are; null for a run without files.</param>
internal sealed class RunStart(RunParts parts, CheckpointFolder? checkpoints) : IDisposable
{
    private RunLock? _lock;

    /// <summary>Takes up the checkpoint of an earlier run, or begins anew.</summary>
    /// <returns>Where the run is, and whether it goes on from a checkpoint.</returns>
    public (RunState State, bool Resumes) Begin()
    {
        if (checkpoints is null)
        {
            return (new RunState(), false);
        }

        try
        {
            string folder = parts.Options.OutputFolder!;
            Directory.CreateDirectory(folder);
            _lock = RunLock.Take(folder, parts.Logger);
            AtomicFile.RemoveAbandoned(folder);
            AtomicFile.RemoveAbandoned(checkpoints.Path);
            ResumeMode mode = parts.Options.Resume;
            if (mode == ResumeMode.Never || (mode is ResumeMode.IfPresent or ResumeMode.Extend && checkpoints.List().Count == 0))
            {
                // Weights that are not gone on with are not written over either.
                EarlierRun.SetAside(folder, parts.Logger);
                return (new RunState(), false);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TrainingException(
                new Problem(
                    nameof(TrainerOptions.OutputFolder),
                    $"'{parts.Options.OutputFolder}', which cannot be made ready ({exception.Message.TrimEnd('.')})",
                    "a folder that can be written to",
                    "Choose another folder, or give this process the right to write there"),
                exception);
        }

        var damaged = new List<Problem>();
        using LoadedCheckpoint? checkpoint = checkpoints.OpenLatest((path, exception) =>
        {
            parts.Logger.LogWarning(exception, "The checkpoint {Path} is damaged; the one before it is taken", path);
            damaged.Add(exception.Problem);
        });
        if (checkpoint is null)
        {
            throw new ResumeException(
                checkpoints.Path,
                [new Problem(
                    "checkpoints",
                    "a folder without any",
                    "the checkpoints of the run that is to go on",
                    "Check OutputFolder, or use ResumeMode.IfPresent to begin where there is none")]);
        }

        RunState state = Restore(checkpoint);
        foreach (Problem problem in damaged)
        {
            parts.Reporter.Warn(state, TrainingWarningKind.CheckpointDamaged, problem);
        }

        return (state, true);
    }

    /// <summary>Gives all ranks what rank 0 begins with: state, weights and buffers, optimizer, averages and random numbers.</summary>
    /// <param name="state">Where this rank is.</param>
    /// <returns>Where rank 0 is.</returns>
    public RunState Follow(RunState state)
    {
        if (parts.Ranks.IsAlone)
        {
            return state;
        }

        state.Schedule = parts.Schedule.SaveState();
        state.Scaler = parts.Stepper.Scaler?.SaveState();
        state = RunState.FromJson(Encoding.UTF8.GetString(parts.Ranks.Group.OfLeader(Encoding.UTF8.GetBytes(state.ToJson()))));
        parts.Ranks.Follow(parts.Model.state_dict(), LoadModel);
        parts.Ranks.Follow(parts.Stepper.Optimizer.State(), parts.Stepper.Optimizer.LoadState);
        if (parts.Stepper.Average is { } average)
        {
            parts.Ranks.Follow(average.State(), average.LoadState);
        }

        using (Tensor random = RunSnapshot.RandomState())
        {
            parts.Ranks.Follow([new("cpu", random)], tensors => RunSnapshot.SetRandomState(tensors["cpu"]));
        }

        if (!parts.Ranks.Group.Leads)
        {
            parts.Schedule.LoadState(state.Schedule);
            if (parts.Stepper.Scaler is { } scaler && state.Scaler is { } scale)
            {
                scaler.LoadState(scale);
            }

            parts.Model.Threshold = state.Threshold ?? parts.Model.Threshold;
        }

        return state;
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    private RunState Restore(LoadedCheckpoint checkpoint)
    {
        IReadOnlyList<Problem> differences = RunFingerprint.Differences(checkpoint.Fingerprint, parts.Fingerprint);
        bool extended = parts.Options.Resume == ResumeMode.Extend
            && RunFingerprint.HasMoreEpochs(checkpoint.Fingerprint, parts.Fingerprint);
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
                parts.Logger.LogWarning(
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
            parts.Schedule.LoadState(checkpoint.State.Schedule);
            if (parts.Stepper.Scaler is { } scaler && checkpoint.State.Scaler is { } scale)
            {
                scaler.LoadState(scale);
            }

            Load(checkpoint, "optimizer/", parts.Stepper.Optimizer.LoadState);
            if (parts.Stepper.Average is { } average)
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
        RunState state = checkpoint.State;
        if (extended)
        {
            // A run that has ended goes on, too; one that stopped early stays at its end.
            state.End = null;
        }

        parts.Model.Threshold = state.Threshold ?? parts.Model.Threshold;
        if (parts.Logger.IsEnabled(LogLevel.Information))
        {
            parts.Logger.LogInformation(
                "Goes on from {Path}: epoch {Epoch}, step {Step}, after {Elapsed} of training",
                checkpoint.Archive.Path,
                state.Epoch + 1,
                state.Step,
                state.Elapsed);
        }

        return state;

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
        foreach ((string name, Tensor tensor) in parts.Model.state_dict())
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

    private void LoadModel(Dictionary<string, Tensor> tensors)
    {
        // Names, shapes and types are part of the fingerprint, which was compared.
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach ((string name, Tensor tensor) in parts.Model.state_dict())
        {
            tensor.copy_(tensors[name]);
        }
    }
}
