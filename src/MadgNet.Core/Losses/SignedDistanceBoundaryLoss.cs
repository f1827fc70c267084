using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Boundary loss, the mean over each map's pixels of <c>φ·p</c>: φ is the signed distance to the truth's contour in pixels,
/// negative inside. It punishes foreground by how far outside it lies, and is negative where the prediction is good. Not to
/// be confused with the cross-entropy that supervises MADGNet's boundary task.
/// </summary>
/// <remarks>
/// <para>Source: Kervadec et al., "Boundary loss for highly unbalanced segmentation", MIDL 2019, equation 5; meant to be added
/// to a region loss. φ is the distance to the nearest foreground pixel outside of the truth, and minus the distance to the
/// nearest background pixel inside. It is computed on the CPU, which waits for the device.</para>
/// <para>Targets are binarised: 0.5 and more is foreground. Pixel weights and ignored pixels act on the mean; the distances are those
/// of the whole target.</para>
/// <para>Empty truth: φ is the map's diagonal everywhere, the largest distance that the map allows, so that foreground is
/// punished wherever it is (the authors' code has φ = 0, which accepts anything). Full truth: minus the diagonal.</para>
/// </remarks>
public sealed class SignedDistanceBoundaryLoss : SegmentationLoss
{
    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights) =>
        MeanOverPixels(sigmoid(logits) * ContourDistance.Signed(target, 0.5, EmptyMapDistance.Diagonal), weights);
}
