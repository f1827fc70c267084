using MadgNet.Core.Modules.Backbones;
using MadgNet.Core.Weights;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>What the three encoders share: stem, max-pooling and four layers of bottleneck blocks.</summary>
internal abstract class BackboneGraph(Operations operations, ModelWeights weights)
{
    private static readonly int[] BlocksPerLayer = [3, 4, 6, 3];

    protected Operations Operations { get; } = operations;

    /// <summary>The graph of one of the library's encoders, or null for one of the host's.</summary>
    public static BackboneGraph? Of(BackboneKind kind, Operations operations, ModelWeights weights) => kind switch
    {
        BackboneKind.ResNeSt50 => new ResNeStGraph(operations, weights),
        BackboneKind.ResNet50 => new ResNetGraph(operations, weights),
        BackboneKind.Res2Net50 => new Res2NetGraph(operations, weights),
        _ => null,
    };

    /// <summary>The five levels of the pyramid, the finest first.</summary>
    public IReadOnlyList<OnnxFeatureMap> Build(OnnxFeatureMap image, int encoderChannels)
    {
        using IDisposable scope = Operations.Graph.Scope(AuthorNames.Backbone);
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
        for (int layer = 0; layer < BlocksPerLayer.Length; layer++)
        {
            for (int block = 0; block < BlocksPerLayer[layer]; block++)
            {
                using IDisposable part = Operations.Graph.Scope($"layer{layer + 1}.{block}");
                int stride = block == 0 && layer > 0 ? 2 : 1;
                string name = $"layer{layer + 1}.{block}";
                OnnxFeatureMap shortcut = block == 0 ? Shortcut(features, name, stride) : features;
                OnnxFeatureMap residual = Residual(features, name, stride, first: block == 0);
                features = Operations.Relu(residual with { Name = Operations.Add(residual.Name, shortcut.Name) });
            }

            levels.Add(features);
        }

        return levels;
    }

    /// <summary>The convolutions of the stem, each followed by ReLU; the first has a stride of two.</summary>
    protected abstract Kernel[] StemKernels();

    /// <summary>The shortcut of a layer's first block.</summary>
    protected abstract OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride);

    /// <summary>What a block adds to its shortcut.</summary>
    protected abstract OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first);

    protected Kernel Kernel(string convolution, string normalization) =>
        weights.Kernel(AuthorNames.BackbonePrefix + convolution, AuthorNames.BackbonePrefix + normalization);

    protected Kernel Kernel(string convolution) => weights.Kernel(AuthorNames.BackbonePrefix + convolution);

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
