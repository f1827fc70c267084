using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Weights;
using Onnx;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary><see cref="MultiFrequencyMultiScaleAttention"/>: channel and spatial attention at several scales.</summary>
internal sealed class AttentionBlockGraph(Operations operations, ModelWeights weights)
{
    private readonly ChannelAttentionGraph _channelAttention = new(operations, weights);
    private readonly SpatialAttentionGraph _spatialAttention = new(operations, weights);

    /// <summary>The refined map.</summary>
    public OnnxFeatureMap Build(OnnxFeatureMap input, string name, MultiFrequencyMultiScaleAttention block)
    {
        string result = input.Name;
        for (int scale = 0; scale < block.Options.Scales; scale++)
        {
            using IDisposable scope = operations.Graph.Scope($"scale{scale}");
            result = operations.Add(result, BuildScale(input, $"{name}.", scale, block).Name);
        }

        return input with { Name = result };
    }

    private OnnxFeatureMap BuildScale(OnnxFeatureMap input, string prefix, int scale, MultiFrequencyMultiScaleAttention block)
    {
        string branch = $"{prefix}{MultiFrequencyMultiScaleNames.Branches}.{scale}";
        OnnxFeatureMap features = Pool(input, scale, block.Options.MinimumResolution);
        features = operations.ConvolveRelu(features, weights.Kernel(branch + ".0", branch + ".1"), dilation: 1 + scale);
        features = operations.ConvolveRelu(features, weights.Kernel(branch + ".3", branch + ".4"));
        if (block.ChannelAttention.Count > 0)
        {
            features = _channelAttention.Build(
                features, $"{prefix}{MultiFrequencyMultiScaleNames.ChannelAttention}.{scale}.0", block.ChannelAttention[scale]);
        }

        if (block.SpatialAttention.Count > 0)
        {
            features = _spatialAttention.Build(
                features,
                $"{prefix}multi_frequency_branches_conv1.{scale}.0",
                $"{prefix}alpha_list.{scale}",
                $"{prefix}beta_list.{scale}",
                block.SpatialAttention[scale]);
        }

        // The mean over the scales is a sum of maps that ReLU and interpolation leave proportional to these weights.
        string projection = $"{prefix}{MultiFrequencyMultiScaleNames.Projections}.{scale}";
        features = operations.ConvolveRelu(features, weights.Kernel(projection + ".0", projection + ".1", 1.0 / block.Options.Scales));
        return operations.ResizeLike(features, input);
    }

    /// <summary>
    /// Average pooling by 2^s, unless that would take the height below the minimum or the width to nothing. Where the size is
    /// free, the graph decides.
    /// </summary>
    private OnnxFeatureMap Pool(OnnxFeatureMap input, int scale, int minimum)
    {
        if (scale == 0)
        {
            return input;
        }

        int factor = 1 << scale;
        if (input.Height is { } height && input.Width is { } width)
        {
            return height >> scale >= minimum && width >> scale >= 1 ? operations.AveragePool(input, factor, factor) : input;
        }

        GraphBuilder graph = operations.Graph;
        string size = operations.Slice(graph.Node("Shape", [input.Name]), 2, 4);
        string pooled = graph.Node("Div", [size, graph.Integers("factor", [factor])]);
        string reached = graph.Cast(
            graph.Node("GreaterOrEqual", [pooled, graph.Integers("least", [minimum, 1])]), TensorProto.Types.DataType.Int32);
        string both = graph.Node("ReduceMin", [reached], GraphBuilder.Attribute("axes", [0]), GraphBuilder.Attribute("keepdims", 0));
        string name = graph.If(
            graph.Cast(both, TensorProto.Types.DataType.Bool),
            GraphBuilder.Free("AveragePool", input.Name, Operations.AveragePoolAttributes(factor, factor)),
            GraphBuilder.Free("Identity", input.Name));
        return input with { Name = name, Height = null, Width = null };
    }
}
