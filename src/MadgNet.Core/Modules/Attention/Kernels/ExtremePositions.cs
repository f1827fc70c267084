using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>Finds where the products of feature maps with DCT basis images are largest and smallest.</summary>
internal static class ExtremePositions
{
    /// <summary>
    /// For every plane and basis image the first position of the largest product, then for every basis image the first
    /// position of the smallest: N×C×2F, int64. <paramref name="plane"/> is N×C×P, <paramref name="basis"/> F×P.
    /// </summary>
    public static Tensor Find(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        long frequencies = basis.size(0);
        var positions = new Tensor[2 * frequencies];
        for (long f = 0; f < frequencies; f++)
        {
            using Tensor product = plane * basis[f];
            positions[f] = product.argmax(2);
            positions[frequencies + f] = product.argmin(2);
        }

        return stack(positions, 2).MoveToOuterDisposeScope();
    }
}
