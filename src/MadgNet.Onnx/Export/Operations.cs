using Onnx;
using static MadgNet.Onnx.Export.GraphBuilder;

namespace MadgNet.Onnx.Export;

/// <summary>The few operations that every block is made of, in terms of ONNX.</summary>
internal sealed class Operations(GraphBuilder graph)
{
    /// <summary>Convolutions with fewer weights are not worth quantising: they cost next to nothing and matter most.</summary>
    private const int LeastQuantisedWeights = 4096;

    private const int LargestStep = 127;
    private const byte WeightZero = 128;

    private readonly Dictionary<string, IReadOnlyList<string>> _quantised = [];

    public GraphBuilder Graph { get; } = graph;

    public string Relu(string value) => Graph.Node("Relu", [value]);

    public OnnxFeatureMap Relu(OnnxFeatureMap map) => map with { Name = Relu(map.Name) };

    public string Sigmoid(string value) => Graph.Node("Sigmoid", [value]);

    public string Add(string a, string b) => Graph.Node("Add", [a, b]);

    public string Multiply(string a, string b) => Graph.Node("Mul", [a, b]);

    public string Concatenate(int axis, params string[] values) =>
        values.Length == 1 ? values[0] : Graph.Node("Concat", values, Attribute("axis", axis));

    public string Reduce(string operation, string value, int axis, bool keep = true) =>
        Graph.Node(operation, [value], Attribute("axes", [axis]), Attribute("keepdims", keep ? 1 : 0));

    public IReadOnlyList<string> Split(string value, int axis, params int[] sizes) => sizes.Length == 1
        ? [value]
        : Graph.Nodes(
            "Split", [value, Graph.Integers("sizes", [.. sizes.Select(size => (long)size)])], sizes.Length, Attribute("axis", axis));

    /// <summary>A convolution that keeps the size but for its stride, quantised where that was asked for and pays.</summary>
    public OnnxFeatureMap Convolve(OnnxFeatureMap input, Kernel kernel, int stride = 1, int dilation = 1)
    {
        int padding = dilation * (kernel.Size / 2);
        AttributeProto[] attributes =
        [
            Attribute("kernel_shape", [kernel.Size, kernel.Size]),
            Attribute("strides", [stride, stride]),
            Attribute("pads", [padding, padding, padding, padding]),
            Attribute("dilations", [dilation, dilation]),
            Attribute("group", input.Channels / kernel.InputsPerGroup),
        ];
        string output = Graph.Precision == OnnxPrecision.Int8 && kernel.Weights.Length >= LeastQuantisedWeights
            ? ConvolveQuantised(input.Name, kernel, attributes)
            : Graph.Node("Conv", [input.Name, .. Parameters(kernel)], attributes);
        return input.After(output, kernel.Outputs, kernel.Size, stride, padding, dilation);
    }

    public OnnxFeatureMap ConvolveRelu(OnnxFeatureMap input, Kernel kernel, int stride = 1, int dilation = 1) =>
        Relu(Convolve(input, kernel, stride, dilation));

    /// <summary>Average pooling; values that padding adds count as zeros.</summary>
    public OnnxFeatureMap AveragePool(OnnxFeatureMap input, int kernel, int stride, int padding = 0) =>
        input.After(
            Graph.Node("AveragePool", [input.Name], AveragePoolAttributes(kernel, stride, padding)),
            input.Channels,
            kernel,
            stride,
            padding);

    public static AttributeProto[] AveragePoolAttributes(int kernel, int stride, int padding = 0) =>
    [
        Attribute("kernel_shape", [kernel, kernel]),
        Attribute("strides", [stride, stride]),
        Attribute("pads", [padding, padding, padding, padding]),
        Attribute("count_include_pad", 1),
    ];

    public OnnxFeatureMap MaxPool(OnnxFeatureMap input, int kernel, int stride, int padding) => input.After(
        Graph.Node(
            "MaxPool",
            [input.Name],
            Attribute("kernel_shape", [kernel, kernel]),
            Attribute("strides", [stride, stride]),
            Attribute("pads", [padding, padding, padding, padding])),
        input.Channels,
        kernel,
        stride,
        padding);

    /// <summary>Bilinear interpolation to the size of another map; nothing where the sizes are known to be equal.</summary>
    public OnnxFeatureMap ResizeLike(OnnxFeatureMap input, OnnxFeatureMap target)
    {
        if (input.HasSizeOf(target))
        {
            return input;
        }

        string name;
        if (input is { Height: { } height, Width: { } width } && target is { Height: { } toHeight, Width: { } toWidth }
            && toHeight % height == 0 && toWidth % width == 0)
        {
            name = Resize(input.Name, toHeight / height, toWidth / width, "half_pixel");
        }
        else
        {
            // A factor that is no integer would be rounded as a float32: the exact size is what the network asks for.
            string start = Slice(Graph.Node("Shape", [input.Name]), 0, 2);
            string sizes = Concatenate(0, start, Slice(Graph.Node("Shape", [target.Name]), 2, 4));
            name = Graph.Node("Resize", [input.Name, "", "", sizes], ResizeAttributes("half_pixel"));
        }

        return target with { Name = name, Channels = input.Channels };
    }

    /// <summary>Bilinear interpolation by an integer factor, corners aligned.</summary>
    public OnnxFeatureMap Enlarge(OnnxFeatureMap input, int factor) => factor == 1
        ? input
        : new OnnxFeatureMap(
            Resize(input.Name, factor, factor, "align_corners"), input.Channels, input.Height * factor, input.Width * factor);

    /// <summary>Elements of a list of integers.</summary>
    public string Slice(string list, long start, long end) =>
        Graph.Node("Slice", [list, Graph.Integers("start", [start]), Graph.Integers("end", [end])]);

    private static AttributeProto[] ResizeAttributes(string coordinates) =>
        [Attribute("mode", "linear"), Attribute("coordinate_transformation_mode", coordinates)];

    private string Resize(string input, int vertical, int horizontal, string coordinates)
    {
        string scales = Graph.Float32("scales", [1, 1, vertical, horizontal], 4);
        return Graph.Node("Resize", [input, "", scales], ResizeAttributes(coordinates));
    }

    private string[] Parameters(Kernel kernel)
    {
        string weights = Graph.Constant("weight", kernel.Weights, kernel.Outputs, kernel.InputsPerGroup, kernel.Size, kernel.Size);
        return kernel.Bias is null ? [weights] : [weights, Graph.Constant("bias", kernel.Bias, kernel.Outputs)];
    }

    /// <summary>
    /// uint8 activations, whose scale and zero point follow from their own range, times weights with one scale an output
    /// channel, summed in int32. The weights are stored as uint8 around 128: with int8 weights ONNX Runtime takes four times as long,
    /// and its AVX2 kernels saturate.
    /// </summary>
    private string ConvolveQuantised(string input, Kernel kernel, AttributeProto[] attributes)
    {
        if (!_quantised.TryGetValue(input, out IReadOnlyList<string>? activation))
        {
            activation = Graph.Nodes("DynamicQuantizeLinear", [input], 3);
            _quantised.Add(input, activation);
        }

        (byte[] weights, float[] scales) = Quantise(kernel);
        string stored = Graph.UInt8("weight_uint8", weights, kernel.Outputs, kernel.InputsPerGroup, kernel.Size, kernel.Size);
        string sums = Graph.Node(
            "ConvInteger", [activation[0], stored, activation[2], Graph.UInt8("weight_zero", [WeightZero])], attributes);
        string scale = Multiply(activation[1], Graph.Float32("weight_scale", scales, 1, kernel.Outputs, 1, 1));
        string output = Multiply(Graph.Cast(sums, TensorProto.Types.DataType.Float), scale);
        return kernel.Bias is null ? output : Add(output, Graph.Float32("bias", kernel.Bias, 1, kernel.Outputs, 1, 1));
    }

    private static (byte[] Weights, float[] Scales) Quantise(Kernel kernel)
    {
        var weights = new byte[kernel.Weights.Length];
        var scales = new float[kernel.Outputs];
        for (int o = 0; o < kernel.Outputs; o++)
        {
            ReadOnlySpan<float> row = kernel.Weights.AsSpan(o * kernel.PerOutput, kernel.PerOutput);
            float largest = 0;
            foreach (float value in row)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            // A channel of zeros stays one whatever its scale.
            scales[o] = largest == 0 ? 1 : largest / LargestStep;
            for (int i = 0; i < row.Length; i++)
            {
                weights[(o * kernel.PerOutput) + i] = (byte)(Math.Clamp(MathF.Round(row[i] / scales[o]), -LargestStep, LargestStep)
                    + WeightZero);
            }
        }

        return (weights, scales);
    }
}
