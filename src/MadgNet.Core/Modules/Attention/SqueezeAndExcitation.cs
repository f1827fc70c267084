using MadgNet.Core.Modules.Folding;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// Channel attention from the spatial average alone, squeeze and excitation (Hu et al., CVPR 2018, arXiv 1709.01507), with the
/// perceptron of <see cref="MultiFrequencyChannelAttention"/>: what is left of that attention without its frequencies.
/// </summary>
/// <remarks>Input and output are N×C×H×W, of any size. An alternative of this library's, not a published part of MADGNet.</remarks>
public sealed class SqueezeAndExcitation : StatisticalChannelAttention
{
    /// <summary>Creates the attention.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    public SqueezeAndExcitation(long channels)
        : base(nameof(SqueezeAndExcitation), channels)
    {
        RegisterComponents();
    }

    /// <inheritdoc/>
    protected override ChannelStatistics Summarize(Tensor input) => Average(input);

    internal override IFoldedAttention Fold(ScalarType type) => new FoldedStatistics(this, Average, owned: null);

    private static ChannelStatistics Average(Tensor input) => new(input.mean([2, 3]).unsqueeze(2));
}
