namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// A rate that falls at milestones (PyTorch's <c>MultiStepLR</c>): at t it is <c>initial · gamma^k</c>, where k is the
/// number of milestones at or before t.
/// </summary>
public sealed class MultiStepSchedule : LearningRateSchedule
{
    private readonly long[] _milestones;

    /// <summary>Creates the schedule.</summary>
    /// <param name="initial">The rate at the beginning; above 0.</param>
    /// <param name="milestones">The epochs or steps, from 0, that begin with a lower rate; above 0 and rising. Not empty.</param>
    /// <param name="gamma">What the rate is multiplied with at each; above 0, at most 1.</param>
    /// <param name="unit">Whether milestones are epochs or steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    /// <exception cref="ArgumentException">The milestones are empty or do not rise.</exception>
    public MultiStepSchedule(double initial, IReadOnlyList<long> milestones, double gamma = 0.1, ScheduleUnit unit = ScheduleUnit.Epoch)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        Initial = Positive(initial, nameof(initial), "Use 1e-4");
        Gamma = gamma > 0
            ? Within(gamma, 0, 1, nameof(gamma), "Use 0.1")
            : throw new ArgumentOutOfRangeException(nameof(gamma), gamma, "Expected a factor above 0 and at most 1. Use 0.1.");
        Unit = Guard.Defined(unit, nameof(unit));
        _milestones = [.. milestones];
        for (int i = 0; i < Math.Max(1, _milestones.Length); i++)
        {
            if (_milestones.Length == 0 || _milestones[i] < 1 || (i > 0 && _milestones[i] <= _milestones[i - 1]))
            {
                throw new ArgumentException(
                    $"Received the milestones [{string.Join(", ", _milestones)}]; expected at least one, above 0 and each above the "
                        + $"one before. Order them, or use a ConstantSchedule.",
                    nameof(milestones));
            }
        }
    }

    /// <summary>The rate at the beginning.</summary>
    public double Initial { get; }

    /// <summary>The epochs or steps that begin with a lower rate.</summary>
    public IReadOnlyList<long> Milestones => _milestones;

    /// <summary>What the rate is multiplied with at each milestone.</summary>
    public double Gamma { get; }

    /// <summary>What milestones count.</summary>
    public ScheduleUnit Unit { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Initial), Initial),
        (nameof(Milestones), Milestones),
        (nameof(Gamma), Gamma),
        (nameof(Unit), Unit),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new PositionRun(position =>
    {
        long at = Unit == ScheduleUnit.Epoch ? position.Epoch : position.Step;
        return Initial * Math.Pow(Gamma, _milestones.Count(milestone => milestone <= at));
    });

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"steps from {Initial} by {Gamma} at {Unit} {string.Join(", ", _milestones)}");
}
