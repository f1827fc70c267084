using System.ComponentModel;
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
/// <para>Prediction and target are binarised for their distances: 0.5 and more is foreground. Pixel weights and ignored pixels act on the
/// mean; the distances are those of the whole maps.</para>
/// <para>Empty or full maps have no contour. With <see cref="EmptyMapDistance.Diagonal"/> every pixel is then at the distance of the
/// map's diagonal from it, so that with an empty truth every foreground pixel is punished with the full weight. With
/// <see cref="EmptyMapDistance.Zero"/> the distances are 0, as MONAI has them: at the start of a training, when predictions are
/// empty or full, the loss is then far smaller, and a prediction that is foreground everywhere costs nothing where the truth is
/// empty. Add a loss of regions to it.</para>
/// </remarks>
public sealed class HausdorffDistanceLoss : SegmentationLoss
{
    private readonly double _alpha;

    /// <summary>Creates the loss.</summary>
    /// <param name="alpha">The exponent α of the distances, finite and above 0.</param>
    /// <param name="emptyMaps">The distances in maps without a contour.</param>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is not finite or not above 0.</exception>
    /// <exception cref="InvalidEnumArgumentException">The rule for empty maps is none of those that there are.</exception>
    public HausdorffDistanceLoss(double alpha = 2, EmptyMapDistance emptyMaps = EmptyMapDistance.Diagonal)
    {
        _alpha = LossParameter.AboveZero(alpha, nameof(alpha));
        EmptyMaps = Enum.IsDefined(emptyMaps)
            ? emptyMaps
            : throw new InvalidEnumArgumentException(
                $"Hausdorff loss, empty maps: received {(int)emptyMaps}; expected {nameof(EmptyMapDistance.Diagonal)} or "
                    + $"{nameof(EmptyMapDistance.Zero)}. Choose one of the two.");
    }

    /// <summary>The power of the distances.</summary>
    public double Alpha => _alpha;

    /// <summary>The distances in maps without a contour.</summary>
    public EmptyMapDistance EmptyMaps { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => EmptyMaps == EmptyMapDistance.Diagonal
        ? [("Alpha", _alpha)]
        : [("Alpha", _alpha), (nameof(EmptyMaps), EmptyMaps)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        using Scalar exponent = _alpha.ToScalar();
        Tensor ofPrediction = ContourDistance.Signed(logits, 0, EmptyMaps).abs().pow(exponent);
        Tensor ofTruth = ContourDistance.Signed(target, 0.5, EmptyMaps).abs().pow(exponent);
        return MeanOverPixels((sigmoid(logits) - target).Squared() * ofPrediction.Plus(ofTruth), weights);
    }
}
