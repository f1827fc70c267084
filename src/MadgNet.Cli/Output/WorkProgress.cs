using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>How far a piece of work is: a bar on a terminal, a line every tenth elsewhere, nothing with <c>--quiet</c>.</summary>
internal static class WorkProgress
{
    /// <summary>Runs work that reports how many parts of <paramref name="total"/> are done.</summary>
    public static T Show<T>(CommandOutput output, string what, int total, Func<IProgress<int>, T> work)
    {
        if (output.Quiet || total < 1)
        {
            return work(new Silent());
        }

        if (!output.ErrorConsole.Profile.Out.IsTerminal)
        {
            return work(new Lines(output, what, total));
        }

        return output.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Shown.Text(what), maxValue: total);
                return work(new Bar(task));
            });
    }

    private sealed class Silent : IProgress<int>
    {
        public void Report(int value)
        {
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }

    private sealed class Lines(CommandOutput output, string what, int total) : IProgress<int>
    {
        private readonly Lock _lock = new();
        private int _tenths;

        public void Report(int value)
        {
            lock (_lock)
            {
                int tenths = (int)(10L * value / total);
                if (tenths > _tenths)
                {
                    _tenths = tenths;
                    output.Note($"{what} {value} of {total}");
                }
            }
        }
    }
}
