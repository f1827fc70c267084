using MadgNet.Studies.Running;
using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>A study while it runs: bars on a terminal, a line a cell elsewhere, nothing with <c>--quiet</c>.</summary>
internal static class StudyProgressDisplay
{
    public static T Show<T>(CommandOutput output, Func<IProgress<StudyProgress>?, T> run)
    {
        if (output.Quiet)
        {
            return run(null);
        }

        if (!output.ErrorConsole.Profile.Out.IsTerminal)
        {
            return run(new Lines(output));
        }

        return output.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new SpinnerColumn())
            .Start(context => run(new Bars(context)));
    }

    private static string Left(StudyProgress value) => value.Remaining is { } time
        ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00} left"
        : "time left not yet known";

    private sealed class Bars(ProgressContext context) : IProgress<StudyProgress>
    {
        private readonly ProgressTask _study = context.AddTask("study");
        private readonly ProgressTask _cell = context.AddTask("cell");

        public void Report(StudyProgress value)
        {
            _study.MaxValue = Math.Max(1, value.Total);
            _study.Value = value.Done;
            _study.Description = $"study   {value.Done} of {value.Total} cells, {Left(value)}";
            _cell.MaxValue = Math.Max(1, value.Training?.TotalSteps ?? 1);
            _cell.Value = value.Training?.StepsDone ?? 0;
            _cell.Description = Markup.Escape(value.Training is { } training
                ? $"{value.Cell}  step {training.StepsDone} of {training.TotalSteps}, loss {training.Loss:F3}"
                : $"{value.Cell}");
        }
    }

    private sealed class Lines(CommandOutput output) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value)
        {
            if (value.CellEnded)
            {
                output.Note($"{value.Done}/{value.Total}  {value.Cell}  {(value.Error is null ? "done" : "failed")}  {Left(value)}");
            }
        }
    }
}
