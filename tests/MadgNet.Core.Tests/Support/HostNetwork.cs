using MadgNet.Core.Foundation;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>A network of a host's: two convolutions, the contract's abstract members, and nothing else but its graph.</summary>
internal sealed class HostNetwork : SegmentationModel, IOnnxModule
{
    public const string Name = "host-net";

    [ComponentName(Name = "first")]
    private readonly Conv2d _first;

    [ComponentName(Name = "second")]
    private readonly Conv2d _second;

    public HostNetwork(int labels = 1, long seed = 0)
        : base(nameof(HostNetwork))
    {
        Labels = labels;
        using (NewDisposeScope())
        {
            _first = Conv2d(3, 8, 3, padding: 1, bias: false);
            _second = Conv2d(8, labels, 1, bias: false);
        }

        RegisterComponents();
        WeightInitialization.Apply(this, seed);
    }

    public override string Architecture => Name;

    public override ModelInput Input { get; } = new();

    public override int Labels { get; }

    public override int Stride => 4;

    /// <summary>A registry that knows this network and the parts below.</summary>
    public static ModelRegistry Registry { get; } = ModelRegistry.BuiltIn.With(
        new ArchitectureEntry(Name, context => new HostNetwork(context.Labels, context.Seed ?? 0)),
        new EncoderEntry(HostEncoder.Name, channels => new HostEncoder(channels)),
        new ChannelAttentionEntry(HostAttention.Name, context => new HostAttention(context.Channels)),
        new SubDecoderEntry(HostSubDecoder.Name, (channels, labels, upscale) => new HostSubDecoder(channels, labels, upscale)));

    public override SegmentationOutput forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return new SegmentationOutput([new TaskMaps(_second.call(_first.call(input).relu()).MoveToOuterDisposeScope())]);
    }

    public OnnxFeatureMap Export(OnnxGraph graph, OnnxFeatureMap input)
    {
        Dictionary<string, Tensor> state = state_dict();
        return graph.Convolve(graph.Relu(graph.Convolve(input, state, "first")), state, "second");
    }
}

/// <summary>An encoder of a host's: three levels, each a strided convolution.</summary>
internal sealed class HostEncoder : Module, IOnnxEncoder
{
    public const string Name = "host-encoder";

    [ComponentName(Name = "levels")]
    private readonly ModuleList<Conv2d> _levels = new();

    public HostEncoder(long channels)
        : base(nameof(HostEncoder))
    {
        InputChannels = channels;
        using (NewDisposeScope())
        {
            foreach (FeatureLevel level in Levels)
            {
                _levels.Add(Conv2d(channels, level.Channels, 3, stride: 2, padding: 1, bias: false));
                channels = level.Channels;
            }
        }

        RegisterComponents();
    }

    public long InputChannels { get; }

    public IReadOnlyList<FeatureLevel> Levels { get; } = [new(4, 2), new(6, 4), new(8, 8)];

    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        var levels = new List<Tensor>();
        foreach (Conv2d convolution in _levels)
        {
            levels.Add(convolution.call(levels.Count == 0 ? image : levels[^1]));
        }

        return levels;
    }

    public IReadOnlyList<OnnxFeatureMap> Export(OnnxGraph graph, OnnxFeatureMap image)
    {
        Dictionary<string, Tensor> state = state_dict();
        var levels = new List<OnnxFeatureMap>();
        for (int i = 0; i < Levels.Count; i++)
        {
            image = graph.Convolve(image, state, $"levels.{i}", stride: 2);
            levels.Add(image);
        }

        return levels;
    }
}

/// <summary>A channel attention of a host's: a gate of one convolution on the mean.</summary>
internal sealed class HostAttention : ChannelAttention, IOnnxModule
{
    public const string Name = "host-attention";

    [ComponentName(Name = "gate")]
    private readonly Conv2d _gate;

    public HostAttention(long channels)
        : base(nameof(HostAttention), channels)
    {
        using (NewDisposeScope())
        {
            _gate = Conv2d(channels, channels, 1, bias: false);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return input.mul(_gate.call(input.mean([2, 3], keepdim: true)).sigmoid()).MoveToOuterDisposeScope();
    }

    public OnnxFeatureMap Export(OnnxGraph graph, OnnxFeatureMap input) =>
        graph.Weigh(input, graph.Sigmoid(graph.Convolve(graph.GlobalAveragePool(input), state_dict(), "gate")));
}

/// <summary>A sub-decoder of a host's: one convolution, with a record of what it was given.</summary>
internal sealed class HostSubDecoder : SubDecoder, IOnnxModule
{
    public const string Name = "host-sub-decoder";

    [ComponentName(Name = "map")]
    private readonly Conv2d _map;

    public HostSubDecoder(long channels, int labels, int upscale)
        : base(nameof(HostSubDecoder), channels, labels, upscale)
    {
        using (NewDisposeScope())
        {
            _map = Conv2d(channels, labels, 3, padding: 1, bias: false);
        }

        RegisterComponents();
    }

    public override bool HasAuxiliaryMaps => false;

    public override TaskMaps forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new HostRecord(recorder.Path, AttentionRecorder.Keep(input.mean([1], keepdim: true))));
        }

        return new TaskMaps(Enlarge(_map.call(input)).MoveToOuterDisposeScope());
    }

    public OnnxFeatureMap Export(OnnxGraph graph, OnnxFeatureMap input) =>
        graph.Enlarge(graph.Convolve(input, state_dict(), "map"), Upscale);
}

/// <summary>A record of a host's: the mean of the features over the channels.</summary>
internal sealed class HostRecord(string path, Tensor mean) : AttentionRecord(path, mean)
{
    public Tensor Mean { get; } = mean;
}
