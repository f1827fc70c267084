using System.Globalization;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Precision;

/// <summary>
/// Dynamic loss scaling for float16 (Micikevicius et al., ICLR 2018; PyTorch's <c>GradScaler</c>): the loss is multiplied with
/// a scale so that small gradients do not vanish; the scale falls when gradients overflow and rises when they long did not.
/// </summary>
/// <remarks>
/// A step: <see cref="Scale"/> the loss, backward, <see cref="Unscale"/>, step the optimizer only where it was finite,
/// <see cref="Update"/>.
/// </remarks>
internal sealed class LossScaler
{
    // Below this an overflow is no matter of scale: PyTorch goes on to 0 and multiplies every loss away.
    private const double Least = 1.0 / (1 << 24);
    private const double Most = 1 << 24;

    private readonly double _growth;
    private readonly double _backoff;
    private readonly int _interval;
    private int _streak;

    /// <summary>Creates a scaler.</summary>
    /// <param name="initial">The first scale; 2⁻²⁴ to 2²⁴, the range that it stays in.</param>
    /// <param name="growth">What the scale is multiplied with when it rises; above 1.</param>
    /// <param name="backoff">What the scale is multiplied with when gradients overflow; above 0, below 1.</param>
    /// <param name="interval">How many finite steps in a row let it rise; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public LossScaler(double initial = 65536, double growth = 2, double backoff = 0.5, int interval = 2000)
    {
        Factor = initial is >= Least and <= Most
            ? initial
            : throw new ArgumentOutOfRangeException(nameof(initial), initial, "Expected 2^-24 to 2^24. Use 65536.");
        _growth = growth > 1 && double.IsFinite(growth)
            ? growth
            : throw new ArgumentOutOfRangeException(nameof(growth), growth, "Expected a finite factor above 1. Use 2.");
        _backoff = backoff is > 0 and < 1
            ? backoff
            : throw new ArgumentOutOfRangeException(nameof(backoff), backoff, "Expected a factor above 0 and below 1. Use 0.5.");
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, 1);
        _interval = interval;
    }

    /// <summary>What the loss is multiplied with.</summary>
    public double Factor { get; private set; }

    /// <summary>Multiplies the loss, as float32, so that it does not overflow itself.</summary>
    /// <param name="loss">The loss; stays the caller's.</param>
    /// <returns>The scaled loss, in its graph. The caller owns it.</returns>
    public Tensor Scale(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using DisposeScope scope = NewDisposeScope();
        using Scalar factor = Factor.ToScalar();
        Tensor wide = loss.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? loss.to(ScalarType.Float32) : loss;
        return wide.mul(factor).MoveToOuterDisposeScope();
    }

    /// <summary>Divides the gradients by the scale, in place. With gradient accumulation: once, after the last backward pass.</summary>
    /// <param name="groups">The parameters whose gradients are meant; those without one, or frozen, are passed over.</param>
    /// <returns>Whether all of them are finite: only then may the optimizer step.</returns>
    public bool Unscale(IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        GradientClipping.Multiply(groups, 1 / Factor);
        return GradientClipping.Measure(groups).Finite;
    }

    /// <summary>Adjusts the scale after a step. It stays within 2⁻²⁴ and 2²⁴.</summary>
    /// <param name="finite">What <see cref="Unscale"/> returned.</param>
    public void Update(bool finite)
    {
        if (!finite)
        {
            Factor = Math.Max(Least, Factor * _backoff);
            _streak = 0;
        }
        else if (++_streak == _interval)
        {
            Factor = Math.Min(Most, Factor * _growth);
            _streak = 0;
        }
    }

    /// <summary>What has to be remembered to go on exactly.</summary>
    /// <returns>A text.</returns>
    public string SaveState() => string.Create(CultureInfo.InvariantCulture, $"scaler;{Factor:R};{_streak}");

    /// <summary>Takes up what <see cref="SaveState"/> gave.</summary>
    /// <param name="state">The text.</param>
    /// <exception cref="TrainingStateException">The text is none of a scaler's; the scaler is as it was.</exception>
    public void LoadState(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string[] parts = state.Split(';');
        if (parts.Length != 3
            || parts[0] != "scaler"
            || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double factor)
            || factor is not (>= Least and <= Most)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int streak)
            || streak >= _interval)
        {
            throw new TrainingStateException(
                "loss scaler",
                [new Problem(
                    "state",
                    $"'{state}'",
                    $"'scaler;factor;streak' with a factor of 2^-24 to 2^24 and a streak below {_interval}",
                    "Resume with the settings that the checkpoint was written with")]);
        }

        (Factor, _streak) = (factor, streak);
    }
}
