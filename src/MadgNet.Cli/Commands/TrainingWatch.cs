using MadgNet.Cli.Output;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training;

namespace MadgNet.Cli.Commands;

/// <summary>
/// What a person should be told while a training runs: where a run goes on, and that the network has marked everything for epochs.
/// </summary>
/// <param name="epochsBefore">The epochs that the earlier run was to have; null where none is known.</param>
/// <param name="output">Where it is said.</param>
internal sealed class TrainingWatch(int? epochsBefore, CommandOutput output) : ITrainingObserver
{
    /// <summary>So many validations in a row are no accident.</summary>
    private const int Patience = 3;

    private int _full;

    public void RunStarted(TrainingRun run)
    {
        if (run.StepsDone == 0)
        {
            return;
        }

        int epochs = run.Options.Epochs;
        output.Note($"Going on after epoch {run.EpochsDone} of {epochs} (step {run.StepsDone})");
        if (epochsBefore is { } before && before < epochs && run.Options.Steps is null)
        {
            output.Note(
                $"The run had {before} epochs and now has {epochs}. The learning rate follows the curve of {epochs} epochs from here on, so "
                    + "that it may rise before it falls again");
        }
    }

    public void ValidationCompleted(ValidationReport validation)
    {
        bool full = validation.Report.Cases.Count > 0
            && validation.Report.Cases.All(result => result.Value(Metric.Specificity) == 0 && !(result.Value(Metric.Recall) < 1));
        _full = full ? _full + 1 : 0;
        if (_full == Patience)
        {
            output.Warn(
                $"The network has marked every pixel of every validation image, {Patience} times in a row. Check with 'madgnet doctor' that "
                    + "images and masks belong together, or lower --learning-rate.");
        }
    }
}
