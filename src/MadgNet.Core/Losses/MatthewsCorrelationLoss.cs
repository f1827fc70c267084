using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Matthews correlation loss, <c>1 − (TP·TN − FP·FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))</c> with soft counts, 0..2. It
/// rates foreground and background alike. Targets are 0 or 1.
/// </summary>
/// <remarks>
/// <para>Source: Abhishek, Hamarneh, "Matthews correlation coefficient loss for deep convolutional networks", ISBI 2021,
/// equation 3. Computed as the covariance of prediction and truth over each map; 1e-16 under the root (in shares of the
/// map) keeps an empty prediction finite.</para>
/// <para>Empty truth, or full truth: the coefficient is 0/0. The loss is then the mean of <c>|p − g|</c>, which every wrong
/// pixel raises.</para>
/// </remarks>
public sealed class MatthewsCorrelationLoss : SegmentationLoss
{
    private const double Epsilon = 1e-16;

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = sigmoid(logits);
        Tensor predictedShare = MeanOverPixels(probability, weights);
        Tensor trueShare = MeanOverPixels(target, weights);
        Tensor covariance = MeanOverPixels(
            (probability - predictedShare.unsqueeze(2).unsqueeze(3)) * (target - trueShare.unsqueeze(2).unsqueeze(3)), weights);

        // 1 − p is averaged on its own: 1 − mean(p) would be exactly 0 long before the last background pixel is gone.
        Tensor predictedVariance = predictedShare * MeanOverPixels(sigmoid(-logits), weights);
        Tensor trueVariance = trueShare * MeanOverPixels(target.OneMinus(), weights);
        Tensor correlation = covariance / (predictedVariance * trueVariance).Plus(Epsilon).sqrt();
        Tensor error = MeanOverPixels((probability - target).abs(), weights);
        return where(trueVariance.eq(Scalars.Of(0L)), error, correlation.OneMinus());
    }
}
