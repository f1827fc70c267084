using System.Globalization;

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// A rate that falls when validation no longer improves (PyTorch's <c>ReduceLROnPlateau</c> with a relative threshold):
/// after more than <c>patience</c> validations without improvement it is multiplied by <c>factor</c>.
/// </summary>
/// <remarks>
/// A score improves when it exceeds <c>best·(1 + threshold)</c>, or, where lower is better, falls below
/// <c>best·(1 − threshold)</c>. Without a validation set the rate stays as it is.
/// </remarks>
public sealed class ReduceOnPlateauSchedule : LearningRateSchedule
{
    /// <summary>Creates the schedule.</summary>
    /// <param name="initial">The rate at the beginning; above 0.</param>
    /// <param name="factor">What the rate is multiplied with; above 0, below 1.</param>
    /// <param name="patience">How many validations without improvement are borne; 0 or more.</param>
    /// <param name="threshold">How much better a score has to be to count, relative; 0 or more, below 1.</param>
    /// <param name="cooldown">How many validations after a reduction are not counted; 0 or more.</param>
    /// <param name="minimum">What the rate does not fall below; 0 to <paramref name="initial"/>.</param>
    /// <param name="higherIsBetter">Whether a higher score is the better one, as of Dice.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public ReduceOnPlateauSchedule(
        double initial = 1e-4,
        double factor = 0.1,
        int patience = 10,
        double threshold = 1e-4,
        int cooldown = 0,
        double minimum = 0,
        bool higherIsBetter = true)
    {
        Initial = Positive(initial, nameof(initial), "Use 1e-4");
        Factor = factor > 0 && factor < 1
            ? factor
            : throw new ArgumentOutOfRangeException(nameof(factor), factor, "Expected a factor above 0 and below 1. Use 0.1.");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        Patience = patience;
        Threshold = threshold < 1
            ? Within(threshold, 0, 1, nameof(threshold), "Use 1e-4")
            : throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected 0 or more, below 1. Use 1e-4.");
        Cooldown = cooldown;
        Minimum = Within(minimum, 0, initial, nameof(minimum), "Use 0");
        HigherIsBetter = higherIsBetter;
    }

    /// <summary>The rate at the beginning.</summary>
    public double Initial { get; }

    /// <summary>What the rate is multiplied with.</summary>
    public double Factor { get; }

    /// <summary>How many validations without improvement are borne.</summary>
    public int Patience { get; }

    /// <summary>How much better a score has to be to count.</summary>
    public double Threshold { get; }

    /// <summary>How many validations after a reduction are not counted.</summary>
    public int Cooldown { get; }

    /// <summary>What the rate does not fall below.</summary>
    public double Minimum { get; }

    /// <summary>Whether a higher score is the better one.</summary>
    public bool HigherIsBetter { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Initial), Initial),
        (nameof(Factor), Factor),
        (nameof(Patience), Patience),
        (nameof(Threshold), Threshold),
        (nameof(Cooldown), Cooldown),
        (nameof(Minimum), Minimum),
        (nameof(HigherIsBetter), HigherIsBetter),
    ];

    /// <inheritdoc/>
    public override LearningRateRun Start() => new Run(this);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"on plateau from {Initial} by {Factor} to {Minimum}, patience {Patience}, threshold {Threshold}, cooldown {Cooldown}, {(HigherIsBetter ? "higher" : "lower")} is better");

    private sealed class Run(ReduceOnPlateauSchedule schedule) : LearningRateRun
    {
        // PyTorch reduces only where the difference is above this, so that the rate does not creep for ever.
        private const double LeastChange = 1e-8;

        private double _rate = schedule.Initial;
        private double _best = schedule.HigherIsBetter ? double.NegativeInfinity : double.PositiveInfinity;
        private int _bad;
        private int _cooling;

        public override double RateAt(TrainingPosition position)
        {
            Check(position);
            return _rate;
        }

        public override void Observe(double score, TrainingPosition position)
        {
            if (Improves(score))
            {
                _best = score;
                _bad = 0;
            }
            else
            {
                _bad++;
            }

            if (_cooling > 0)
            {
                _cooling--;
                _bad = 0;
            }

            if (_bad > schedule.Patience)
            {
                double lower = Math.Max(_rate * schedule.Factor, schedule.Minimum);
                _rate = _rate - lower > LeastChange ? lower : _rate;
                _cooling = schedule.Cooldown;
                _bad = 0;
            }
        }

        public override string SaveState() => string.Create(CultureInfo.InvariantCulture, $"plateau;{_rate:R};{_best:R};{_bad};{_cooling}");

        public override void LoadState(string state)
        {
            ArgumentNullException.ThrowIfNull(state);
            string[] parts = state.Split(';');
            if (parts.Length != 5
                || parts[0] != "plateau"
                || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double rate)
                || !(rate > 0 && rate <= schedule.Initial)
                || !double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double best)
                || double.IsNaN(best)
                || !int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out int bad)
                || !int.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out int cooling))
            {
                throw new TrainingStateException(
                    "learning-rate schedule",
                    [new Problem(
                        "state",
                        $"'{state}'",
                        $"'plateau;rate;best;bad;cooling' with a rate above 0 and at most "
                            + $"{schedule.Initial.ToString(CultureInfo.InvariantCulture)}",
                        "Resume with the schedule that the checkpoint was written with")]);
            }

            (_rate, _best, _bad, _cooling) = (rate, best, bad, cooling);
        }

        private bool Improves(double score) => schedule.HigherIsBetter
            ? score > _best * (1 + (_best < 0 ? -schedule.Threshold : schedule.Threshold))
            : score < _best * (1 - (_best < 0 ? -schedule.Threshold : schedule.Threshold));
    }
}
