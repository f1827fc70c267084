using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Brings images to a multiple of a network's stride by repeating their last row and column.</summary>
internal static class StridePadding
{
    /// <summary>The images N×C×H×W padded at the bottom and to the right; the tensor itself where nothing is missing.</summary>
    public static Tensor Pad(Tensor images, int stride)
    {
        long bottom = Missing(images.size(2), stride);
        long right = Missing(images.size(3), stride);
        return bottom == 0 && right == 0 ? images : nn.functional.pad(images, [0, right, 0, bottom], PaddingModes.Replicate);
    }

    private static long Missing(long size, long stride) => (stride - (size % stride)) % stride;
}
