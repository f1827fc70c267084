using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using Onnx;
using static MadgNet.Onnx.Export.GraphBuilder;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>What happens to an image before the encoder: the scaling of bytes, where it is part of the graph, and normalisation.</summary>
internal sealed class PreprocessingGraph(Operations operations)
{
    private static readonly double[] Mean = [0.485, 0.456, 0.406];
    private static readonly double[] Deviation = [0.229, 0.224, 0.225];

    /// <summary>Prepares the image. It may have one channel where the encoder takes three and normalisation spreads it to three.</summary>
    public OnnxFeatureMap Build(OnnxFeatureMap image, OnnxInputValues values, ModelInput input)
    {
        GraphBuilder graph = operations.Graph;
        using IDisposable scope = graph.Scope("preprocessing");
        string name = image.Name;
        if (values == OnnxInputValues.Bytes)
        {
            // In float32 in every precision: the range of an image is looked for before it is narrowed to 0..1.
            name = Scale(graph.Cast(name, TensorProto.Types.DataType.Float), input.Scaling);
        }

        if (graph.ComputeType != TensorProto.Types.DataType.Float)
        {
            name = graph.Cast(name, graph.ComputeType);
        }

        int channels = image.Channels;
        if (input.Normalization == InputNormalization.ImageNet)
        {
            channels = Mean.Length;
            string factor = graph.Constant("factor", [.. Deviation.Select(value => (float)(1 / value))], 1, channels, 1, 1);
            string offset = graph.Constant(
                "offset", [.. Mean.Zip(Deviation, (mean, deviation) => (float)(-mean / deviation))], 1, channels, 1, 1);
            name = operations.Add(operations.Multiply(name, factor), offset);
        }

        return image with { Name = name, Channels = channels };
    }

    private string Scale(string bytes, IntensityScaling scaling)
    {
        GraphBuilder graph = operations.Graph;
        if (scaling == IntensityScaling.FullRange)
        {
            return graph.Node("Div", [bytes, graph.Float32("full", [byte.MaxValue], 1)]);
        }

        AttributeProto[] image = [Attribute("axes", [1, 2, 3]), Attribute("keepdims", 1)];
        string darkest = graph.Node("ReduceMin", [bytes], image);
        string range = graph.Node("Sub", [graph.Node("ReduceMax", [bytes], image), darkest]);

        // Bytes differ by one at least; a constant image is divided by one and stays 0.
        string divisor = graph.Node("Max", [range, graph.Float32("one", [1], 1)]);
        return graph.Node("Div", [graph.Node("Sub", [bytes, darkest]), divisor]);
    }
}
