using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The means over the frequencies of the largest and the smallest product of feature maps with DCT basis images: what
/// <see cref="ExtremePositions"/> finds, where only the values are wanted and no gradient.
/// </summary>
internal static class ExtremeValues
{
    /// <summary>
    /// Two tensors N×C×1, the means of the maxima and of the minima. <paramref name="plane"/> is N×C×P, <paramref name="basis"/> F×P.
    /// </summary>
    public static (Tensor Maxima, Tensor Minima) Find(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        long frequencies = basis.size(0);
        Tensor maxima = zeros([plane.size(0), plane.size(1), 1], plane.dtype, plane.device);
        Tensor minima = zeros_like(maxima);
        for (long f = 0; f < frequencies; f++)
        {
            using Tensor product = plane * basis[f];
            maxima.Accumulate(product.amax([2], keepdim: true));
            minima.Accumulate(product.amin([2], keepdim: true));
        }

        return (maxima.Over(frequencies).MoveToOuterDisposeScope(), minima.Over(frequencies).MoveToOuterDisposeScope());
    }
}
