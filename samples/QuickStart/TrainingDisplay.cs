using MadgNet.Core.Training;
using Spectre.Console;

namespace MadgNet.Samples.QuickStart;

/// <summary>Shows a training run: progress bars on a terminal, one line an epoch elsewhere.</summary>
internal static class TrainingDisplay
{
    public static TrainingResult Show(Func<IProgress<TrainingProgress>, TrainingResult> train) =>
        AnsiConsole.Profile.Capabilities.Interactive ? ShowBars(train) : train(new Lines());

    private static TrainingResult ShowBars(Func<IProgress<TrainingProgress>, TrainingResult> train) =>
        AnsiConsole.Progress()
            .AutoClear(false)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new SpinnerColumn())
            .Start(context => train(new Bars(context)));

    private static string Time(TimeSpan time) => $"{(int)time.TotalMinutes}:{time.Seconds:00}";

    private static string Score(TrainingProgress progress) =>
        progress.Validation is { } score ? $"Dice {score.Dice:F3}, IoU {score.IntersectionOverUnion:F3}" : "not yet scored";

    private sealed class Bars(ProgressContext context) : IProgress<TrainingProgress>
    {
        private readonly ProgressTask _run = context.AddTask("training");
        private readonly ProgressTask _epoch = context.AddTask("epoch");

        public void Report(TrainingProgress value)
        {
            double within = value.Phase == TrainingPhase.Training ? (double)value.Step / value.Steps : 1;
            _run.MaxValue = value.Epochs;
            _run.Value = value.Phase == TrainingPhase.EpochCompleted ? value.Epoch : value.Epoch - 1 + (within * 0.95);
            _run.Description = $"training   {Score(value)}, {Time(value.Remaining)} left";
            _epoch.MaxValue = value.Steps;
            _epoch.Value = value.Step;
            _epoch.Description = value.Phase == TrainingPhase.Validation
                ? $"epoch {value.Epoch,2}/{value.Epochs}  validating"
                : $"epoch {value.Epoch,2}/{value.Epochs}  loss {value.Loss:F3}, {value.ImagesPerSecond:F1} images/s";
        }
    }

    private sealed class Lines : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.EpochCompleted)
            {
                AnsiConsole.WriteLine(
                    $"epoch {value.Epoch,2}/{value.Epochs}  loss {value.Loss:F3}  validation {Score(value)}  "
                        + $"{value.ImagesPerSecond:F1} images/s  {Time(value.Remaining)} left");
            }
        }
    }
}
