namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// The one-cycle policy (Smith and Topin, 2017; PyTorch's <c>OneCycleLR</c> with cosine annealing and two phases): from
/// <c>maximum / divisor</c> up to <c>maximum</c>, and down to <c>maximum / divisor / finalDivisor</c> at the last step.
/// Advances with every step. Momentum is not cycled.
/// </summary>
public sealed class OneCycleSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="maximum">The highest rate; above 0.</param>
    /// <param name="rise">The share of the steps in which the rate rises, 0..1.</param>
    /// <param name="divisor">What the highest rate is divided by for the first; 1 or more.</param>
    /// <param name="finalDivisor">What the first rate is divided by for the last; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public OneCycleSchedule(double maximum = 1e-3, double rise = 0.3, double divisor = 25, double finalDivisor = 1e4)
    {
        Maximum = Positive(maximum, nameof(maximum), "Use 1e-3, or what a learning-rate range test suggests");
        Rise = Within(rise, 0, 1, nameof(rise), "Use 0.3");
        Divisor = Within(divisor, 1, double.MaxValue, nameof(divisor), "Use 25");
        FinalDivisor = Within(finalDivisor, 1, double.MaxValue, nameof(finalDivisor), "Use 1e4");
    }

    /// <summary>The highest rate.</summary>
    public double Maximum { get; }

    /// <summary>The share of the steps in which the rate rises.</summary>
    public double Rise { get; }

    /// <summary>What the highest rate is divided by for the first.</summary>
    public double Divisor { get; }

    /// <summary>What the first rate is divided by for the last.</summary>
    public double FinalDivisor { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Maximum), Maximum),
        (nameof(Rise), Rise),
        (nameof(Divisor), Divisor),
        (nameof(FinalDivisor), FinalDivisor),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new PositionRun(RateAt);

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"one cycle up to {Maximum}, rise {Rise}, divisors {Divisor} and {FinalDivisor}");

    private double RateAt(TrainingPosition position)
    {
        double first = Maximum / Divisor;
        double peak = (Rise * position.Steps) - 1;
        double end = position.Steps - 1;
        double step = Math.Min(position.Step, end);
        return step <= peak || peak >= end
            ? Between(first, Maximum, peak > 0 ? Math.Min(1, step / peak) : 1)
            : Between(Maximum, first / FinalDivisor, (step - peak) / (end - peak));
    }

    private static double Between(double from, double to, double share) => to + ((from - to) / 2 * (Math.Cos(Math.PI * share) + 1));
}
