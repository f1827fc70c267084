using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Tversky loss, <c>1 − (TP + s) / (TP + α·FP + β·FN + s)</c> with soft counts <c>TP = Σ p·g</c>, <c>FP = Σ p·(1 − g)</c>,
/// <c>FN = Σ (1 − p)·g</c> and <c>p = σ(logit)</c>. It weighs false positives and false negatives differently; with
/// α = β = ½ it is a Dice loss, with α = β = 1 the Jaccard loss.
/// </summary>
/// <remarks>
/// <para>Source: Salehi, Erdogmus, Gholipour, "Tversky loss function for image segmentation using 3D fully convolutional deep
/// networks", MLMI 2017, equation 3, whose preferred weights α = 0.3, β = 0.7 are the defaults.</para>
/// <para>Empty truth: <c>1 − s/(α·Σ p + s)</c>, which every foreground pixel raises; α is therefore above 0.</para>
/// </remarks>
public sealed class TverskyLoss : SegmentationLoss
{
    private readonly double _falsePositiveWeight;
    private readonly double _falseNegativeWeight;
    private readonly double _smoothing;

    /// <summary>Creates the loss.</summary>
    /// <param name="falsePositiveWeight">α, finite and above 0.</param>
    /// <param name="falseNegativeWeight">β, finite and above 0.</param>
    /// <param name="smoothing">The constant s, in pixels; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite or not above 0.</exception>
    public TverskyLoss(double falsePositiveWeight = 0.3, double falseNegativeWeight = 0.7, double smoothing = 1)
    {
        _falsePositiveWeight = LossParameter.AboveZero(falsePositiveWeight, nameof(falsePositiveWeight));
        _falseNegativeWeight = LossParameter.AboveZero(falseNegativeWeight, nameof(falseNegativeWeight));
        _smoothing = LossParameter.AboveZero(smoothing, nameof(smoothing));
    }

    /// <summary>The weight of false positives.</summary>
    public double FalsePositiveWeight => _falsePositiveWeight;

    /// <summary>The weight of false negatives.</summary>
    public double FalseNegativeWeight => _falseNegativeWeight;

    /// <summary>What is added to numerator and denominator.</summary>
    public double Smoothing => _smoothing;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        ("FalsePositiveWeight", _falsePositiveWeight),
        ("FalseNegativeWeight", _falseNegativeWeight),
        ("Smoothing", _smoothing),
    ];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = sigmoid(logits);
        Tensor truePositives = SumOverPixels(probability * target, weights);
        Tensor wrong = SumOverPixels(
            (probability.Times(_falsePositiveWeight) * target.OneMinus()).Plus(probability.OneMinus().Times(_falseNegativeWeight) * target),
            weights);

        // Errors over the whole, not 1 minus the index: the difference of two near ones has no digits left.
        return wrong / truePositives.Plus(wrong).Plus(_smoothing);
    }
}
