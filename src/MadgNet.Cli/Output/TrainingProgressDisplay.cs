using MadgNet.Core.Training;
using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>A training run while it runs: bars on a terminal, a line an epoch elsewhere, nothing with <c>--quiet</c>.</summary>
internal static class TrainingProgressDisplay
{
    public static TrainingResult Show(CommandOutput output, Func<IProgress<TrainingProgress>?, TrainingResult> train)
    {
        if (output.Quiet)
        {
            return train(null);
        }

        if (!output.ErrorConsole.Profile.Out.IsTerminal)
        {
            return train(new Lines(output));
        }

        return output.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new SpinnerColumn())
            .Start(context => train(new Bars(context)));
    }

    private static string Score(TrainingProgress progress) =>
        progress.Validation is { } score ? $"Dice {score.Dice:F3}, IoU {score.IntersectionOverUnion:F3}" : "not yet scored";

    private static string Time(TimeSpan time) => $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";

    private sealed class Bars(ProgressContext context) : IProgress<TrainingProgress>
    {
        private readonly ProgressTask _run = context.AddTask("training");
        private readonly ProgressTask _epoch = context.AddTask("epoch");

        public void Report(TrainingProgress value)
        {
            double within = value.Phase == TrainingPhase.Training ? (double)value.Step / Math.Max(1, value.Steps) : 1;
            _run.MaxValue = value.Epochs;
            _run.Value = value.Phase == TrainingPhase.EpochCompleted ? value.Epoch : value.Epoch - 1 + (within * 0.95);
            _run.Description = $"training   {Score(value)}, {Time(value.Remaining)} left";
            _epoch.MaxValue = value.Steps;
            _epoch.Value = value.Step;
            _epoch.Description = value.Phase == TrainingPhase.Validation
                ? $"epoch {value.Epoch}/{value.Epochs}  validating"
                : $"epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:F3}, {value.ImagesPerSecond:F1} images/s";
        }
    }

    private sealed class Lines(CommandOutput output) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.EpochCompleted)
            {
                output.Note(
                    $"epoch {value.Epoch}/{value.Epochs}  loss {value.Loss:F4}  validation {Score(value)}  {value.ImagesPerSecond:F1} "
                        + $"images/s  {Time(value.Remaining)} left");
            }
        }
    }
}
