using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Runs a model on images of any size: padded to a multiple of its stride by repeating the edge, and cropped back.</summary>
internal static class PaddedInference
{
    /// <summary>The probabilities N×n×H×W of images N×C×H×W, without a graph. The caller owns them.</summary>
    public static Tensor Probability(SegmentationModel model, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor probability = model.Predict(StridePadding.Pad(images, model.Stride)).sigmoid();
        return probability.narrow(2, 0, images.size(2)).narrow(3, 0, images.size(3)).contiguous().MoveToOuterDisposeScope();
    }
}
