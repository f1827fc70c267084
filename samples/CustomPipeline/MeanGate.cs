using MadgNet.Core.Modules.Attention;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Samples.CustomPipeline;

/// <summary>A channel attention of one's own: each channel is weighed by a gate on the means of all.</summary>
internal sealed class MeanGate : ChannelAttention
{
    private readonly Conv2d _gate;

    public MeanGate(long channels)
        : base(nameof(MeanGate), channels)
    {
        _gate = nn.Conv2d(channels, channels, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return input.mul(_gate.call(input.mean([2, 3], keepdim: true)).sigmoid()).MoveToOuterDisposeScope();
    }
}
