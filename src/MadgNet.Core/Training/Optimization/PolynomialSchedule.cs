namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Polynomial decay (PyTorch's <c>PolynomialLR</c>, with a minimum): the rate at t of T is
/// <c>minimum + (initial − minimum)·(1 − t / T)^power</c>.
/// </summary>
public sealed class PolynomialSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="initial">The rate at the beginning; above 0.</param>
    /// <param name="power">The exponent; above 0, 1 for a straight line. DeepLab's 0.9 by default.</param>
    /// <param name="minimum">The rate at the end; 0 to <paramref name="initial"/>.</param>
    /// <param name="unit">Whether t counts epochs or steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public PolynomialSchedule(double initial = 1e-4, double power = 0.9, double minimum = 0, ScheduleUnit unit = ScheduleUnit.Step)
    {
        Initial = Positive(initial, nameof(initial), "Use 1e-4");
        Power = power > 0 && double.IsFinite(power)
            ? power
            : throw new ArgumentOutOfRangeException(
                nameof(power), power, "Expected a finite exponent above 0. Use 0.9, or 1 for a straight line.");
        Minimum = Within(minimum, 0, initial, nameof(minimum), "Use 0");
        Unit = Guard.Defined(unit, nameof(unit));
    }

    /// <summary>The rate at the beginning.</summary>
    public double Initial { get; }

    /// <summary>The exponent.</summary>
    public double Power { get; }

    /// <summary>The rate at the end.</summary>
    public double Minimum { get; }

    /// <summary>What t counts.</summary>
    public ScheduleUnit Unit { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Initial), Initial),
        (nameof(Power), Power),
        (nameof(Minimum), Minimum),
        (nameof(Unit), Unit),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new PositionRun(position =>
        Minimum + ((Initial - Minimum) * Math.Pow(1 - LearningRateRun.Share(position, Unit), Power)));

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"polynomial {Initial} to {Minimum}, power {Power}, by {Unit}");
}
