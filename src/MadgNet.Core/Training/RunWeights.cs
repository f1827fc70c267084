using MadgNet.Core.Metrics;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>The files with the weights of a run, best and last.</summary>
/// <param name="parts">What the run is made of.</param>
/// <param name="seed">The seed of the order of the samples, which the files tell.</param>
internal sealed class RunWeights(RunParts parts, long seed)
{
    /// <summary>Where a file of the run is.</summary>
    public string PathOf(string name) => Path.Combine(parts.Options.OutputFolder ?? "", name);

    /// <summary>Writes the latest weights, and their average.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="mustSucceed">Whether a failure ends the run; it is reported otherwise.</param>
    /// <exception cref="TrainingException">They cannot be written, and have to be.</exception>
    public void SaveLast(RunState state, bool mustSucceed)
    {
        if (parts.Options.OutputFolder is null)
        {
            return;
        }

        try
        {
            Save(state, Trainer.LastFileName, average: false);
            if (parts.Stepper.Average is not null)
            {
                Save(state, Trainer.LastEmaFileName, average: true);
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
            ReportFailure(state, exception, Trainer.LastFileName);
        }
    }

    /// <summary>Writes the weights as they are now. A failure is reported, and training goes on.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="average">Whether the averaged weights are meant.</param>
    /// <returns>Whether the file is written.</returns>
    public bool TrySave(RunState state, string name, bool average)
    {
        if (parts.Options.OutputFolder is null)
        {
            return false;
        }

        try
        {
            Save(state, name, average);
            return true;
        }
        catch (WeightFileException exception)
        {
            ReportFailure(state, exception, name);
            return false;
        }
    }

    /// <summary>What a run has come to, with the files that it wrote.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="reason">Why it ended.</param>
    /// <returns>The result.</returns>
    public TrainingResult Result(RunState state, TrainingEndReason reason)
    {
        bool hasFiles = parts.Options.OutputFolder is not null;
        bool hasAverage = hasFiles && parts.Stepper.Average is not null;
        BestScore? best = state.Best;
        return new TrainingResult(
            state.History.AsReadOnly(),
            best?.Epoch ?? state.History.Count,
            !hasFiles ? null : best is null ? PathOf(Trainer.LastFileName) : state.BestIsSaved ? PathOf(Trainer.BestFileName) : null,
            hasFiles ? PathOf(Trainer.LastFileName) : null)
        {
            Reason = reason,
            Steps = state.Step,
            BestEmaCheckpoint = hasAverage && state.BestAverageIsSaved ? PathOf(Trainer.BestEmaFileName) : null,
            LastEmaCheckpoint = hasAverage ? PathOf(Trainer.LastEmaFileName) : null,
        };
    }

    private void ReportFailure(RunState state, WeightFileException exception, string name)
    {
        parts.Logger.LogError(exception, "Cannot save {Name}; training goes on", name);
        parts.Reporter.Warn(state, TrainingWarningKind.CheckpointFailed, exception.Problem);
    }

    private void Save(RunState state, string name, bool average)
    {
        parts.Options.Probe?.Invoke($"before {name}, step {state.Step}");
        using IDisposable? swapped = average ? parts.Stepper.Average!.Apply() : null;
        double? threshold = parts.Model.Threshold;
        try
        {
            // A threshold belongs to the weights it was found for.
            parts.Model.Threshold = !parts.Options.CalibrateThreshold
                ? threshold
                : state.ValidatedStep != state.Step ? null : average ? state.AverageThreshold : state.Threshold;
            Directory.CreateDirectory(parts.Options.OutputFolder!);
            parts.Model.Save(PathOf(name), Metadata(state, average));
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
            parts.Model.Threshold = threshold;
        }

        parts.Options.Probe?.Invoke($"after {name}, step {state.Step}");
    }

    /// <summary>What the file says of the training.</summary>
    private Dictionary<string, string> Metadata(RunState state, bool average)
    {
        bool validated = state.ValidatedStep == state.Step;
        ValidationScore? score = !validated
            ? null
            : average ? state.EpochAverageScore ?? state.History.LastOrDefault()?.EmaValidation : state.LatestScore;
        EpochRecord? ended = state.Meter.Images == 0 ? state.History.LastOrDefault() : null;
        var metadata = new Dictionary<string, string>
        {
            ["training.epoch"] = FormattableString.Invariant($"{ended?.Epoch ?? state.Epoch + 1}"),
            ["training.step"] = FormattableString.Invariant($"{state.Step}"),
            ["training.loss"] = FormattableString.Invariant($"{ended?.Loss ?? state.Meter.MeanLoss:R}"),
            ["training.seed"] = FormattableString.Invariant($"{seed}"),
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

        return metadata;
    }
}
