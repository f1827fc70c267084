using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// The smallest encoder that keeps the contract: each level is the image averaged over its stride, seen through a 1×1
/// convolution. What it returns, and how, can be tampered with to break the contract.
/// </summary>
internal sealed class TinyEncoder : Module, IEncoder
{
    [ComponentName(Name = "levels")]
    private readonly ModuleList<Conv2d> _levels = new();

    public TinyEncoder(params FeatureLevel[] levels)
        : this(3, levels)
    {
    }

    public TinyEncoder(long inputChannels, params FeatureLevel[] levels)
        : base(nameof(TinyEncoder))
    {
        InputChannels = inputChannels;
        Levels = levels;

        // A convolution with a bias leaves a tensor behind in its constructor.
        using var scope = NewDisposeScope();
        foreach (FeatureLevel level in levels)
        {
            _levels.Add(Conv2d(inputChannels, level.Channels, 1, bias: false));
        }

        RegisterComponents();
        WeightInitialization.Apply(this, 11);
    }

    public long InputChannels { get; }

    public IReadOnlyList<FeatureLevel> Levels { get; }

    /// <summary>Replaces the pyramid that the contract asks for.</summary>
    public Func<Tensor, Tensor[], IReadOnlyList<Tensor>>? Tamper { get; set; }

    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        var pyramid = new Tensor[Levels.Count];
        for (int i = 0; i < pyramid.Length; i++)
        {
            int stride = Levels[i].Stride;
            pyramid[i] = _levels[i].call(stride == 1 ? image : functional.avg_pool2d(image, stride, stride: stride));
        }

        return Tamper is null ? pyramid : Tamper(image, pyramid);
    }
}
