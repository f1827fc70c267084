using System.Diagnostics;
using MadgNet.Core.Training;
using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>
/// A training run while it runs: what is being done from the first second, then a line an epoch, and bars below them on a terminal;
/// nothing with <c>--quiet</c>.
/// </summary>
internal static class TrainingProgressDisplay
{
    private const int NarrowWindow = 60;

    public static TrainingResult Show(CommandOutput output, Func<IProgress<TrainingProgress>?, TrainingResult> train)
    {
        if (output.Quiet)
        {
            return train(null);
        }

        var lines = new Lines(output);
        output.Note("First step: it is slow, because memory is taken and the network is prepared");
        if (!output.ErrorConsole.Profile.Out.IsTerminal)
        {
            return train(lines);
        }

        ProgressColumn description = new TaskDescriptionColumn { Alignment = Justify.Left };
        return output.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(output.ErrorConsole.Profile.Width < NarrowWindow
                ? [description]
                : [description, new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new ElapsedTimeColumn()])
            .Start(context => train(new Bars(context, lines)));
    }

    private static string Score(TrainingProgress progress, string form) =>
        progress.Validation is { } score
            ? $"Dice {score.Dice.ToString(form)}, IoU {score.IntersectionOverUnion.ToString(form)}"
            : "not yet scored";

    private sealed class Bars(ProgressContext context, Lines lines) : IProgress<TrainingProgress>
    {
        private readonly ProgressTask _run = context.AddTask("first step");
        private readonly ProgressTask _epoch = context.AddTask("epoch");

        public void Report(TrainingProgress value)
        {
            lines.Report(value);
            double within = value.Phase == TrainingPhase.Training ? (double)value.Step / Math.Max(1, value.Steps) : 1;
            _run.MaxValue = value.Epochs;
            _run.Value = value.Phase == TrainingPhase.EpochCompleted ? value.Epoch : value.Epoch - 1 + (within * 0.95);
            _run.Description = $"{Fit.Time(value.Remaining)} left";
            _epoch.MaxValue = value.Steps;
            _epoch.Value = value.Step;
            _epoch.Description = value.Phase == TrainingPhase.Validation
                ? $"epoch {value.Epoch}/{value.Epochs}  validating"
                : $"epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:F3}";
        }
    }

    private sealed class Lines(CommandOutput output) : IProgress<TrainingProgress>
    {
        private readonly long _begun = Stopwatch.GetTimestamp();
        private int _reports;
        private TimeSpan _first;

        public void Report(TrainingProgress value)
        {
            Estimate(value);

            if (value.Phase == TrainingPhase.EpochCompleted)
            {
                output.Note(Fit.Line(
                    output.ErrorConsole,
                    $"epoch {value.Epoch}/{value.Epochs}",
                    $"loss {value.Loss:F4}",
                    value.Validation is null ? "no validation" : $"validation {Score(value, "F3")}",
                    $"{Fit.Time(value.Remaining)} left",
                    $"{value.ImagesPerSecond:F1} images/s",
                    $"after {Fit.Time(value.Elapsed)}"));
            }
        }

        /// <summary>The first step says nothing of the others; the second one does.</summary>
        private void Estimate(TrainingProgress value)
        {
            if (value.Phase != TrainingPhase.Training || ++_reports > 2)
            {
                return;
            }

            TimeSpan passed = Stopwatch.GetElapsedTime(_begun);
            if (_reports == 1)
            {
                _first = passed;
                output.Note($"First step done after {Fit.Time(passed)}");
                return;
            }

            long left = value.TotalSteps - value.StepsDone;
            if (left == 0)
            {
                return;
            }

            output.Note($"About {Fit.Time((passed - _first) * left)} for the {left} steps that are left, without validation");
        }
    }
}
