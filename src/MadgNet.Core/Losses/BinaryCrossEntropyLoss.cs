using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MadgNet.Core.Losses;

/// <summary>
/// Binary cross-entropy of logits, the mean over each map's pixels of <c>−g·log σ(x) − (1 − g)·log(1 − σ(x))</c>, computed
/// as <c>max(x, 0) − x·g + log(1 + e^−|x|)</c>. MADGNet supervises the boundary task with it (L_B, paper section 3.3).
/// </summary>
/// <remarks>Targets may be soft (0..1). Empty truth: the mean of <c>log(1 + eˣ)</c>, which every foreground pixel
/// raises.</remarks>
public sealed class BinaryCrossEntropyLoss : SegmentationLoss
{
    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights) =>
        MeanOverPixels(binary_cross_entropy_with_logits(logits, target, reduction: nn.Reduction.None), weights);
}
