namespace MadgNet.Core.Training.Watching;

/// <summary>Notices a loader that keeps the network waiting for most of the time.</summary>
internal sealed class LoaderWatch
{
    /// <summary>Steps that are looked at together; workers fill their queue within the first few.</summary>
    private const int Window = 20;

    private const double LargestShare = 0.5;

    private int _steps;
    private TimeSpan _data;
    private TimeSpan _compute;

    /// <summary>Adds a step.</summary>
    /// <returns>What is wrong; null where nothing is, or it is too early to tell.</returns>
    public Problem? Add(StepReport step, int workers)
    {
        _steps++;
        _data += step.DataTime;
        _compute += step.ComputeTime;
        if (_steps < Window)
        {
            return null;
        }

        double share = _data / (_data + _compute);
        var problem = share <= LargestShare ? null : new Problem(
            "training loader",
            FormattableString.Invariant(
                $"{100 * share:F0} % of the last {_steps} steps' time spent waiting for batches, with {workers} workers"),
            "batches that are ready when the network is",
            "Raise BatchLoaderOptions.Workers or CacheBytes, store smaller images, or use cheaper transforms");
        (_steps, _data, _compute) = (0, TimeSpan.Zero, TimeSpan.Zero);
        return problem;
    }
}
