using MadgNet.Core.Modules.Attention;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The spatial attentions. <see cref="MultiScaleSpatialAttention"/>: x·(1 − M)·α + x·M·β = x·(α + M·(β − α)).</summary>
internal sealed class SpatialAttentionGraph(Operations operations, ModelWeights weights)
{
    /// <summary>The weighted map.</summary>
    /// <param name="input">The features.</param>
    /// <param name="gate">What the gate's convolution is called.</param>
    /// <param name="alpha">What the weight of the background is called.</param>
    /// <param name="beta">What the weight of the foreground is called.</param>
    /// <param name="attention">The module.</param>
    /// <exception cref="OnnxExportException">The attention is the host's, and no <see cref="IOnnxModule"/>.</exception>
    public OnnxFeatureMap Build(OnnxFeatureMap input, string gate, string alpha, string beta, SpatialAttention attention)
    {
        GraphBuilder graph = operations.Graph;
        using IDisposable scope = graph.Scope("spatial_attention");
        if (attention is not MultiScaleSpatialAttention)
        {
            return attention is IOnnxModule own
                ? own.Export(new OnnxGraph(operations), input)
                : throw ChannelAttentionGraph.NoGraph(attention.GetName());
        }

        string foreground = operations.Sigmoid(operations.Convolve(input, weights.Kernel(gate)).Name);
        float background = weights.Values(alpha)[0];
        string weight = operations.Add(
            operations.Multiply(foreground, graph.Constant("beta_minus_alpha", [weights.Values(beta)[0] - background], 1)),
            graph.Constant("alpha", [background], 1));
        return input with { Name = operations.Multiply(input.Name, weight) };
    }
}
