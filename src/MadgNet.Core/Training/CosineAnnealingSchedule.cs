namespace MadgNet.Core.Training;

/// <summary>
/// Cosine annealing without restarts (Loshchilov and Hutter, ICLR 2017), stepped once an epoch: the rate of epoch t of T is
/// <c>minimum + (initial − minimum)·(1 + cos(πt / T)) / 2</c>. The published schedule, from 1e-4 to 1e-6.
/// </summary>
public sealed class CosineAnnealingSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="initial">The rate of the first epoch; above 0.</param>
    /// <param name="minimum">The rate that the end is approached with; 0 to <paramref name="initial"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is out of its range.</exception>
    public CosineAnnealingSchedule(double initial = 1e-4, double minimum = 1e-6)
    {
        if (!(initial > 0) || double.IsInfinity(initial))
        {
            throw new ArgumentOutOfRangeException(nameof(initial), initial, "Expected a finite rate above 0. Use 1e-4 as published.");
        }

        if (!(minimum >= 0) || minimum > initial)
        {
            throw new ArgumentOutOfRangeException(nameof(minimum), minimum, $"Expected 0 to the initial rate {initial}. Use 1e-6 as published.");
        }

        Initial = initial;
        Minimum = minimum;
    }

    /// <summary>The rate of the first epoch.</summary>
    public double Initial { get; }

    /// <summary>The rate that the end is approached with.</summary>
    public double Minimum { get; }

    /// <inheritdoc/>
    public override double RateAt(int epoch, int epochs) =>
        Minimum + ((Initial - Minimum) * (1 + Math.Cos(Math.PI * epoch / epochs)) / 2);
}
