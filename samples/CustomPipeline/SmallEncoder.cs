using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Samples.CustomPipeline;

/// <summary>An encoder of one's own: three levels, each halves the picture.</summary>
internal sealed class SmallEncoder : nn.Module, IEncoder
{
    private readonly ModuleList<Sequential> _levels = new();

    public SmallEncoder(long channels)
        : base(nameof(SmallEncoder))
    {
        InputChannels = channels;
        foreach (FeatureLevel level in Levels)
        {
            _levels.Add(nn.Sequential(
                nn.Conv2d(channels, level.Channels, 3, stride: 2, padding: 1, bias: false),
                new BatchNormalization(level.Channels),
                nn.ReLU()));
            channels = level.Channels;
        }

        RegisterComponents();
    }

    public long InputChannels { get; }

    public IReadOnlyList<FeatureLevel> Levels { get; } = [new(16, 2), new(32, 4), new(48, 8)];

    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        var pyramid = new List<Tensor>();
        foreach (Sequential level in _levels)
        {
            pyramid.Add(level.call(pyramid.Count == 0 ? image : pyramid[^1]));
        }

        return pyramid;
    }
}
