namespace MadgNet.Core.Training.Optimization;

/// <summary>The same learning rate throughout.</summary>
public sealed class ConstantSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="rate">The rate; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of its range.</exception>
    public ConstantSchedule(double rate = 1e-4) => Rate = Positive(rate, nameof(rate), "Use 1e-4");

    /// <summary>The rate.</summary>
    public double Rate { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Rate), Rate)];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new PositionRun(_ => Rate);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"constant {Rate}");
}
