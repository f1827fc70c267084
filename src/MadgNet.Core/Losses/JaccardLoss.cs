using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Soft Jaccard (IoU) loss, <c>1 − (Σ p·g + s) / (Σ p + Σ g − Σ p·g + s)</c> over each map's pixels, with
/// <c>p = σ(logit)</c>.
/// </summary>
/// <remarks>
/// <para>Source: Rahman, Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for Image Segmentation", ISVC
/// 2016.</para>
/// <para>Empty truth: <c>1 − s/(Σ p + s)</c>, which every foreground pixel raises.</para>
/// <para>With a soft target (values between 0 and 1) a prediction equal to it is not the minimum of the plain form: <c>p·g</c> is
/// largest where p is 0 or 1. <see cref="SoftLabels"/> chooses a form that is 0 there and nowhere else (Wang, Ning, Blaschko, "Jaccard
/// metric losses: optimizing the Jaccard index with soft labels", NeurIPS 2023).</para>
/// </remarks>
public sealed class JaccardLoss : SegmentationLoss
{
    private readonly double _smoothing;

    /// <summary>Creates the loss.</summary>
    /// <param name="smoothing">The constant s, in pixels; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not finite or not above 0.</exception>
    public JaccardLoss(double smoothing = 1)
    {
        _smoothing = LossParameter.AboveZero(smoothing, nameof(smoothing));
    }

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
        [("Smoothing", _smoothing), .. LossParameter.WhereSet(nameof(SoftLabels), SoftLabels)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = sigmoid(logits);
        Tensor intersection = SumOverPixels(Common(probability, target, SoftLabels), weights);
        Tensor both = SumOverPixels(probability.Plus(target), weights);
        return (intersection.Plus(_smoothing) / (both - intersection).Plus(_smoothing)).OneMinus();
    }
}
