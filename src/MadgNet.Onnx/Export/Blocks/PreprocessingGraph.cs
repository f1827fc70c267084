using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using Onnx;
using static MadgNet.Onnx.Export.GraphBuilder;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>What happens to an image before the encoder: the scaling of bytes, where it is part of the graph, and normalisation.</summary>
internal sealed class PreprocessingGraph(Operations operations)
{
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
        if (input.ChannelOrder == ChannelOrder.Bgr && channels == 3)
        {
            name = graph.Node("Gather", [name, graph.Integers("bgr", [2, 1, 0])], Attribute("axis", 1));
        }

        IReadOnlyList<double> mean = input.SubtractedMean;
        IReadOnlyList<double> deviation = input.DividingDeviation;
        double range = input.ValueRange == ValueRange.ZeroTo255 ? byte.MaxValue : 1;
        int numbers = Math.Max(mean.Count, deviation.Count);
        if (numbers > 0 || range != 1)
        {
            // (range·x − mean) / deviation as one product and one sum.
            double At(IReadOnlyList<double> values, int i, double none) => values.Count == 0 ? none : values[values.Count == 1 ? 0 : i];
            int[] all = [.. Enumerable.Range(0, Math.Max(numbers, 1))];
            channels = Math.Max(channels, numbers);
            string factor = graph.Constant(
                "factor", [.. all.Select(i => (float)(range / At(deviation, i, 1)))], 1, all.Length, 1, 1);
            string offset = graph.Constant(
                "offset", [.. all.Select(i => (float)(-At(mean, i, 0) / At(deviation, i, 1)))], 1, all.Length, 1, 1);
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
