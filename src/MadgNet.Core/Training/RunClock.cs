using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Training;

/// <summary>How long a run and its current epoch have taken, with what they took before the run went on.</summary>
internal sealed class RunClock(TimeProvider clock)
{
    private long _run;
    private long _epoch;
    private TimeSpan _runBefore;
    private TimeSpan _epochBefore;

    /// <summary>The time that the run has taken.</summary>
    public TimeSpan Elapsed => _runBefore + clock.GetElapsedTime(_run);

    /// <summary>The time that the current epoch has taken.</summary>
    public TimeSpan Epoch => _epochBefore + clock.GetElapsedTime(_epoch);

    /// <summary>Begins to count.</summary>
    /// <param name="state">Where the run is.</param>
    public void Start(RunState state)
    {
        _run = _epoch = clock.GetTimestamp();
        _runBefore = state.Elapsed;
        _epochBefore = state.Meter.Duration;
    }

    /// <summary>Begins to count another epoch.</summary>
    public void NextEpoch()
    {
        _epochBefore = TimeSpan.Zero;
        _epoch = clock.GetTimestamp();
    }
}
