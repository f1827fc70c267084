using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Runs a model on images of any size: padded to a multiple of its stride by repeating the edge, and cropped back.</summary>
internal static class PaddedInference
{
    /// <summary>The probabilities N×n×H×W of images N×C×H×W, without a graph. The caller owns them.</summary>
    public static Tensor Probability(MadgNetModel model, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        long height = images.size(2);
        long width = images.size(3);
        long bottom = Missing(height, model.Stride);
        long right = Missing(width, model.Stride);
        Tensor padded = bottom == 0 && right == 0
            ? images
            : nn.functional.pad(images, [0, right, 0, bottom], PaddingModes.Replicate);
        Tensor probability = model.Predict(padded).sigmoid();
        return probability.narrow(2, 0, height).narrow(3, 0, width).contiguous().MoveToOuterDisposeScope();
    }

    private static long Missing(long size, long stride) => (stride - (size % stride)) % stride;
}
