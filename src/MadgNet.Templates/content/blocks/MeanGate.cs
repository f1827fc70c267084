using MadgNet.Core.Modules.Attention;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNetBlocks;

/// <summary>
/// A channel attention to start from: each channel is weighed by a gate on its mean. Replace it with your own idea, and keep the tests.
/// </summary>
/// <remarks>Input and output: N×C×H×W. The weights are between 0 and 1.</remarks>
public sealed class MeanGate : ChannelAttention
{
    private readonly Conv2d gate;

    /// <summary>Makes the block with random weights.</summary>
    /// <param name="channels">Channels of the input, at least 1.</param>
    public MeanGate(long channels)
        : base(nameof(MeanGate), channels)
    {
        gate = nn.Conv2d(channels, channels, 1);
        RegisterComponents();
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        // Everything made in the scope is freed at its end, apart from what is moved out of it.
        using DisposeScope scope = NewDisposeScope();
        using Tensor mean = input.mean([2, 3], keepdim: true);
        return input.mul(gate.call(mean).sigmoid()).MoveToOuterDisposeScope();
    }
}
