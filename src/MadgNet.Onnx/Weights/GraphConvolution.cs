using Onnx;

namespace MadgNet.Onnx.Weights;

/// <summary>A convolution of an ONNX graph, and the batch normalisation that follows it there.</summary>
/// <param name="Depth">How many convolutions the longest way from the image to here has, this one included.</param>
/// <param name="Weight">Output channels × input channels of a group × height × width.</param>
/// <param name="Bias">One number for each output channel; null for none.</param>
/// <param name="Normalization">The batch normalisation behind it; null for none, or for one that was folded into the weights.</param>
internal sealed record GraphConvolution(int Depth, GraphTensor Weight, GraphTensor? Bias, GraphNormalization? Normalization)
{
    /// <summary>The convolutions of a graph in its own order, which is that of computing.</summary>
    /// <exception cref="InvalidDataException">A constant of the graph contradicts itself.</exception>
    public static IReadOnlyList<GraphConvolution> Find(GraphProto graph)
    {
        Dictionary<string, TensorProto> constants = Constants(graph);
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        ILookup<string, NodeProto> users = graph.Node
            .SelectMany(node => node.Input.Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
        var found = new List<GraphConvolution>();
        foreach (NodeProto node in graph.Node)
        {
            int depth = node.Input.Select(input => depths.GetValueOrDefault(input)).DefaultIfEmpty(0).Max();
            if (node.OpType == "Conv" && Constant(node, 1) is { Shape.Count: 4 } weight)
            {
                depth++;
                NodeProto[] next = [.. users[node.Output[0]]];
                found.Add(new GraphConvolution(
                    depth,
                    weight,
                    Constant(node, 2),
                    next is [{ OpType: "BatchNormalization" } normalization] ? ReadNormalization(normalization) : null));
            }

            foreach (string output in node.Output)
            {
                depths[output] = depth;
            }
        }

        return found;

        GraphTensor? Constant(NodeProto node, int index) =>
            node.Input.Count > index && constants.TryGetValue(node.Input[index], out TensorProto? tensor) ? GraphTensor.Read(tensor) : null;

        GraphNormalization? ReadNormalization(NodeProto node)
        {
            const float DefaultEpsilon = 1e-5f;
            return Constant(node, 1) is { } scale
                && Constant(node, 2) is { } bias
                && Constant(node, 3) is { } mean
                && Constant(node, 4) is { } variance
                    ? new GraphNormalization(
                        scale,
                        bias,
                        mean,
                        variance,
                        node.Attribute.FirstOrDefault(attribute => attribute.Name == "epsilon")?.F ?? DefaultEpsilon)
                    : null;
        }
    }

    /// <summary>Initialisers, and the constants that older exporters write as nodes.</summary>
    private static Dictionary<string, TensorProto> Constants(GraphProto graph)
    {
        var constants = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (TensorProto tensor in graph.Initializer)
        {
            constants.TryAdd(tensor.Name, tensor);
        }

        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Constant" && node.Output.Count == 1))
        {
            if (node.Attribute.FirstOrDefault(attribute => attribute.Name == "value")?.T is { } value)
            {
                constants.TryAdd(node.Output[0], value);
            }
        }

        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Identity" && node.Input.Count == 1))
        {
            // Exporters share equal constants through identities.
            if (constants.TryGetValue(node.Input[0], out TensorProto? shared))
            {
                constants.TryAdd(node.Output[0], shared);
            }
        }

        return constants;
    }
}
