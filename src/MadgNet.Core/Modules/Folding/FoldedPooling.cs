using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Folding;

/// <summary>Average pooling, with incomplete windows or with a border of zeros.</summary>
internal sealed class FoldedPooling(long[] size, long[] stride, long[]? padding = null) : IFolded
{
    public Tensor Run(Tensor input) => size is [1, 1] && stride is [1, 1]
        ? input.alias()
        : padding is null
            ? functional.avg_pool2d(input, size, stride, ceil_mode: true, count_include_pad: false)
            : functional.avg_pool2d(input, size, stride, padding);

    public void Dispose()
    {
    }
}
