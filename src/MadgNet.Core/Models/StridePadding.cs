using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Brings images to a multiple of a network's stride by repeating their last row and column.</summary>
internal static class StridePadding
{
    /// <summary>The images N×C×H×W padded at the bottom and to the right; the tensor itself where nothing is missing.</summary>
    public static Tensor Pad(Tensor images, int stride)
    {
        (int height, int width) = ((int)images.size(2), (int)images.size(3));
        (int bottom, int right) = (RoundUp(height, stride) - height, RoundUp(width, stride) - width);
        return bottom == 0 && right == 0 ? images : nn.functional.pad(images, [0, right, 0, bottom], PaddingModes.Replicate);
    }

    /// <summary>The multiple of the stride that a side is brought to.</summary>
    public static int RoundUp(int size, int stride) => checked((size + stride - 1) / stride * stride);
}
