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
/// <para>With a soft target (values between 0 and 1) a prediction equal to it is not the minimum of the plain form: <c>p·g</c> is
/// largest where p is 0 or 1. <see cref="SoftLabels"/> chooses a form that is 0 there and nowhere else: the counts
/// are then <c>TP = Σ min(p, g)</c>, <c>FP = Σ p − TP</c> and <c>FN = Σ g − TP</c>.</para>
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

    /// <summary>
    /// Whether targets are soft labels, shares from 0 to 1: what prediction and truth have in common is then <c>min(p, g)</c> instead
    /// of <c>p·g</c>, so that a prediction equal to the truth is the minimum, 0. With targets of 0 and 1 both forms are the same.
    /// False by default.
    /// </summary>
    public bool SoftLabels { get; init; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        ("FalsePositiveWeight", _falsePositiveWeight),
        ("FalseNegativeWeight", _falseNegativeWeight),
        ("Smoothing", _smoothing),
        .. LossParameter.WhereSet(nameof(SoftLabels), SoftLabels),
    ];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = sigmoid(logits);
        Tensor common = Common(probability, target, SoftLabels);
        Tensor truePositives = SumOverPixels(common, weights);
        Tensor wrong = SumOverPixels(
            SoftLabels
                ? (probability - common).Times(_falsePositiveWeight).Plus((target - common).Times(_falseNegativeWeight))
                : (probability.Times(_falsePositiveWeight) * target.OneMinus())
                    .Plus(probability.OneMinus().Times(_falseNegativeWeight) * target),
            weights);

        // Errors over the whole, not 1 minus the index: the difference of two near ones has no digits left.
        return wrong / truePositives.Plus(wrong).Plus(_smoothing);
    }
}
