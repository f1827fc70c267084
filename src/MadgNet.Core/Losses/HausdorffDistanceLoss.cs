using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Hausdorff loss by distance transforms, the mean over each map's pixels of <c>(p − g)²·(d_p^α + d_g^α)</c>: every error is
/// weighted by its distance to the contours of prediction and truth, in pixels.
/// </summary>
/// <remarks>
/// <para>Source: Karimi, Salcudean, "Reducing the Hausdorff distance in medical image segmentation with convolutional neural
/// networks", IEEE TMI 39(2), 2020, equation 8 (α = 2). No gradients flow through the distances; they are computed on the
/// CPU, which waits for the device.</para>
/// <para>Prediction and target are binarised at 0.5 for their distances. Pixel weights and ignored pixels act on the
/// mean; the distances are those of the whole maps.</para>
/// <para>Empty or full maps have no contour; every pixel is then at the distance of the map's diagonal from it. With an empty
/// truth every foreground pixel is so punished with the full weight.</para>
/// </remarks>
public sealed class HausdorffDistanceLoss : SegmentationLoss
{
    private readonly double _alpha;

    /// <summary>Creates the loss.</summary>
    /// <param name="alpha">The exponent α of the distances, finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is not finite or not above 0.</exception>
    public HausdorffDistanceLoss(double alpha = 2)
    {
        _alpha = LossParameter.AboveZero(alpha, nameof(alpha));
    }

    /// <summary>The power of the distances.</summary>
    public double Alpha => _alpha;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Alpha", _alpha)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        using Scalar exponent = _alpha.ToScalar();
        Tensor ofPrediction = ContourDistance.Signed(logits, 0).abs().pow(exponent);
        Tensor ofTruth = ContourDistance.Signed(target, 0.5).abs().pow(exponent);
        return MeanOverPixels((sigmoid(logits) - target).Squared() * ofPrediction.Plus(ofTruth), weights);
    }
}
