using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary><see cref="UNet"/>: the encoder, the levels of the expanding path, and the features behind the last.</summary>
internal sealed class UNetGraph(Operations operations, ModelWeights weights)
{
    private readonly ChannelAttentionGraph _channelAttention = new(operations, weights);
    private readonly SpatialAttentionGraph _spatialAttention = new(operations, weights);

    /// <summary>The features that the sub-decoder sees.</summary>
    public OnnxFeatureMap Build(OnnxFeatureMap image, UNet model)
    {
        IReadOnlyList<OnnxFeatureMap> levels = EncoderGraphs.Build(operations, weights, model.Encoder, MadgNetNames.Encoder, image);
        OnnxFeatureMap features = levels[^1];
        for (int i = 0; i < model.DecoderLevels.Count; i++)
        {
            features = BuildLevel(features, levels[levels.Count - 2 - i], $"decoder{i + 1}", model.DecoderLevels[i]);
        }

        return features;
    }

    private OnnxFeatureMap BuildLevel(OnnxFeatureMap deep, OnnxFeatureMap skip, string name, UNetDecoderLevel level)
    {
        using IDisposable scope = operations.Graph.Scope(name);
        OnnxFeatureMap narrowed = operations.ResizeLike(operations.Convolve(deep, weights.Kernel(name + ".up")), skip);
        OnnxFeatureMap merged = skip with
        {
            Name = operations.Concatenate(1, narrowed.Name, skip.Name),
            Channels = narrowed.Channels + skip.Channels
        };
        OnnxFeatureMap features = DoubleConvolutionGraph.Build(operations, weights, merged, name + ".convolutions");
        features = level.ChannelAttention is { } channels
            ? _channelAttention.Build(features, name + ".channel_attention", channels)
            : features;
        string pixels = name + ".spatial_attention";
        return level.SpatialAttention is { } spatial
            ? _spatialAttention.Build(features, pixels + ".gate", pixels + ".alpha", pixels + ".beta", spatial)
            : features;
    }
}
