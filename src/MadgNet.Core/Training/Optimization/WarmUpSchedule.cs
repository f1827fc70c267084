namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Multiplies another schedule's rate by a factor that rises in a straight line over the first steps (PyTorch's
/// <c>LinearLR</c> chained with the other schedule; Goyal et al., 2017): at step t of the W first it is
/// <c>start + (1 − start)·t / W</c>. Rises with every step, also where W is given in epochs. The other schedule goes on as
/// it would without: its milestones stay where they are.
/// </summary>
public sealed class WarmUpSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="inner">The schedule that is warmed up.</param>
    /// <param name="length">W, how long the rise is; 1 or more. One that exceeds the run never ends.</param>
    /// <param name="unit">Whether the length is in epochs or in steps.</param>
    /// <param name="startFactor">The factor of the first step; above 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public WarmUpSchedule(LearningRateSchedule inner, long length, ScheduleUnit unit = ScheduleUnit.Epoch, double startFactor = 0.01)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Inner = inner;
        Length = length;
        Unit = Guard.Defined(unit, nameof(unit));
        StartFactor = startFactor > 0
            ? Within(startFactor, 0, 1, nameof(startFactor), "Use 0.01")
            : throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "Expected a factor above 0 and at most 1. Use 0.01.");
    }

    /// <summary>The schedule that is warmed up.</summary>
    public LearningRateSchedule Inner { get; }

    /// <summary>How long the rise is.</summary>
    public long Length { get; }

    /// <summary>What the length counts.</summary>
    public ScheduleUnit Unit { get; }

    /// <summary>The factor of the first step.</summary>
    public double StartFactor { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Inner), Inner),
        (nameof(Length), Length),
        (nameof(Unit), Unit),
        (nameof(StartFactor), StartFactor),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new Run(this);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"warm-up from {StartFactor} over {Length} {Unit}, then {Inner}");

    private sealed class Run(WarmUpSchedule schedule) : LearningRateRun
    {
        private readonly LearningRateRun _inner = schedule.Inner.Start();

        public override double RateAt(TrainingPosition position)
        {
            Check(position);
            double steps = schedule.Unit == ScheduleUnit.Step ? schedule.Length : (double)schedule.Length * position.StepsPerEpoch;
            double factor = position.Step >= steps ? 1 : schedule.StartFactor + ((1 - schedule.StartFactor) * position.Step / steps);
            return factor * _inner.RateAt(position);
        }

        public override void Observe(double score, TrainingPosition position) => _inner.Observe(score, position);

        public override string SaveState() => _inner.SaveState();

        public override void LoadState(string state) => _inner.LoadState(state);
    }
}
