namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Cosine annealing without restarts (Loshchilov and Hutter, ICLR 2017; PyTorch's <c>CosineAnnealingLR</c>): the rate at
/// t of T is <c>minimum + (initial − minimum)·(1 + cos(πt / T)) / 2</c>. The published schedule, from 1e-4 to 1e-6 by epochs.
/// </summary>
public sealed class CosineAnnealingSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="initial">The rate at the beginning; above 0.</param>
    /// <param name="minimum">The rate that the end is approached with; 0 to <paramref name="initial"/>.</param>
    /// <param name="unit">Whether t counts epochs, as published, or steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is out of its range.</exception>
    public CosineAnnealingSchedule(double initial = 1e-4, double minimum = 1e-6, ScheduleUnit unit = ScheduleUnit.Epoch)
    {
        Initial = Positive(initial, nameof(initial), "Use 1e-4 as published");
        Minimum = Within(minimum, 0, initial, nameof(minimum), "Use 1e-6 as published");
        Unit = Guard.Defined(unit, nameof(unit));
    }

    /// <summary>The rate at the beginning.</summary>
    public double Initial { get; }

    /// <summary>The rate that the end is approached with.</summary>
    public double Minimum { get; }

    /// <summary>What t counts.</summary>
    public ScheduleUnit Unit { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Initial), Initial),
        (nameof(Minimum), Minimum),
        (nameof(Unit), Unit),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new PositionRun(position =>
        Minimum + ((Initial - Minimum) * (1 + Math.Cos(Math.PI * LearningRateRun.Share(position, Unit))) / 2));

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"cosine {Initial} to {Minimum} by {Unit}");
}
