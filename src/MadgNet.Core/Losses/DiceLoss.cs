using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Soft Dice loss, <c>1 − (2·Σ p·g + s) / (Σ p + Σ g + s)</c> over each map's pixels, with <c>p = σ(logit)</c>.
/// </summary>
/// <remarks>
/// <para>Source: Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, with plain instead of squared sums in the
/// denominator.</para>
/// <para>Empty truth: <c>1 − s/(Σ p + s)</c>, which every foreground pixel raises.</para>
/// </remarks>
public sealed class DiceLoss : SegmentationLoss
{
    private readonly double _smoothing;

    /// <summary>Creates the loss.</summary>
    /// <param name="smoothing">The constant s, in pixels; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not finite or not above 0.</exception>
    public DiceLoss(double smoothing = 1)
    {
        _smoothing = LossParameter.AboveZero(smoothing, nameof(smoothing));
    }

    /// <summary>What is added to numerator and denominator.</summary>
    public double Smoothing => _smoothing;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Smoothing", _smoothing)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = sigmoid(logits);
        Tensor intersection = SumOverPixels(probability * target, weights);
        Tensor both = SumOverPixels(probability.Plus(target), weights);
        return (intersection.Times(2).Plus(_smoothing) / both.Plus(_smoothing)).OneMinus();
    }
}
