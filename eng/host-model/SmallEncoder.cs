using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.HostModel;

/// <summary>A small encoder: at every level a 3×3 convolution that halves the size and one that keeps it.</summary>
internal sealed class SmallEncoder : Module, IOnnxEncoder
{
    [ComponentName(Name = "levels")]
    private readonly ModuleList<Sequential> _levels = new();

    public SmallEncoder(params int[] widths)
        : base(nameof(SmallEncoder))
    {
        Levels = [.. widths.Select((width, index) => new FeatureLevel(width, 2 << index))];
        int input = (int)InputChannels;
        foreach (int width in widths)
        {
            _levels.Add(Sequential(
                ("0", Conv2d(input, width, 3, stride: 2, padding: 1, bias: false)),
                ("1", BatchNorm2d(width)),
                ("2", ReLU()),
                ("3", Conv2d(width, width, 3, padding: 1, bias: false)),
                ("4", BatchNorm2d(width)),
                ("5", ReLU())));
            input = width;
        }

        RegisterComponents();
        WeightInitialization.Apply(this, seed: 1);
    }

    public long InputChannels => 3;

    public IReadOnlyList<FeatureLevel> Levels { get; }

    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        var pyramid = new List<Tensor>();
        Tensor features = image;
        foreach (Sequential level in _levels)
        {
            features = level.call(features);
            pyramid.Add(features);
        }

        return pyramid;
    }

    public IReadOnlyList<OnnxFeatureMap> Export(OnnxGraph graph, OnnxFeatureMap image)
    {
        Dictionary<string, Tensor> state = state_dict();
        var pyramid = new List<OnnxFeatureMap>();
        OnnxFeatureMap features = image;
        for (int i = 0; i < Levels.Count; i++)
        {
            features = graph.Relu(graph.Convolve(features, state, $"levels.{i}.0", $"levels.{i}.1", stride: 2));
            features = graph.Relu(graph.Convolve(features, state, $"levels.{i}.3", $"levels.{i}.4"));
            pyramid.Add(features);
        }

        return pyramid;
    }
}
