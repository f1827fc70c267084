using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>What the residual encoders share: stem, max-pooling and four layers of blocks.</summary>
internal abstract class EncoderGraph(Operations operations, ModelWeights weights, string prefix) : IEncoderGraph
{
    private static readonly int[] BlocksOfFifty = [3, 4, 6, 3];

    protected Operations Operations { get; } = operations;

    /// <summary>How many blocks each of the four layers has.</summary>
    protected virtual IReadOnlyList<int> BlocksPerLayer => BlocksOfFifty;

    /// <summary>The five levels of the pyramid, the finest first.</summary>
    public IReadOnlyList<OnnxFeatureMap> Build(OnnxFeatureMap image, int encoderChannels)
    {
        using IDisposable scope = Operations.Graph.Scope(prefix);
        Kernel[] stem = StemKernels();
        if (image.Channels == 1 && encoderChannels != 1)
        {
            // A single channel repeated three times, seen through weights w1, w2, w3, is that channel seen through their sum.
            stem[0] = stem[0].SumInputs();
        }

        OnnxFeatureMap features = image;
        for (int i = 0; i < stem.Length; i++)
        {
            features = Operations.ConvolveRelu(features, stem[i], stride: i == 0 ? 2 : 1);
        }

        var levels = new List<OnnxFeatureMap> { features };
        features = Operations.MaxPool(features, 3, 2, 1);
        for (int layer = 0; layer < BlocksPerLayer.Count; layer++)
        {
            for (int block = 0; block < BlocksPerLayer[layer]; block++)
            {
                using IDisposable part = Operations.Graph.Scope($"layer{layer + 1}.{block}");
                int stride = block == 0 && layer > 0 ? 2 : 1;
                string name = $"layer{layer + 1}.{block}";
                OnnxFeatureMap shortcut = block == 0 && NeedsShortcut(layer) ? Shortcut(features, name, stride) : features;
                OnnxFeatureMap residual = Residual(features, name, stride, first: block == 0);
                features = Operations.Relu(residual with { Name = Operations.Add(residual.Name, shortcut.Name) });
            }

            levels.Add(features);
        }

        return levels;
    }

    /// <summary>Whether the first block of a layer changes channels or size.</summary>
    protected virtual bool NeedsShortcut(int layer) => true;

    /// <summary>The convolutions of the stem, each followed by ReLU; the first has a stride of two.</summary>
    protected abstract Kernel[] StemKernels();

    /// <summary>The shortcut of a layer's first block.</summary>
    protected abstract OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride);

    /// <summary>What a block adds to its shortcut.</summary>
    protected abstract OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first);

    protected Kernel Kernel(string convolution, string normalization) =>
        weights.Kernel($"{prefix}.{convolution}", $"{prefix}.{normalization}");

    protected Kernel Kernel(string convolution) => weights.Kernel($"{prefix}.{convolution}");

    /// <summary>Three 3×3 convolutions in place of one 7×7.</summary>
    protected Kernel[] DeepStem() => [Kernel("conv1.0", "conv1.1"), Kernel("conv1.3", "conv1.4"), Kernel("conv1.6", "bn1")];

    /// <summary>Average pooling where there is a stride, then a 1×1 convolution.</summary>
    protected OnnxFeatureMap PooledShortcut(OnnxFeatureMap input, string name, int stride)
    {
        // Every level has an even size where the next one has a stride of two: rounding up, as published, changes nothing.
        OnnxFeatureMap pooled = stride == 1 ? input : Operations.AveragePool(input, stride, stride);
        return Operations.Convolve(pooled, Kernel(name + ".downsample.1", name + ".downsample.2"));
    }
}
