using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Mean squared error of the sigmoid, the mean over each map's pixels of <c>(σ(x) − g)²</c>. MADGNet supervises the distance
/// task with it (L_D, paper section 3.3).
/// </summary>
/// <remarks>Targets are 0..1. Empty truth: the mean of <c>σ(x)²</c>, which every foreground pixel raises.</remarks>
public sealed class MeanSquaredErrorLoss : SegmentationLoss
{
    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights) =>
        MeanOverPixels((sigmoid(logits) - target).Squared(), weights);
}
