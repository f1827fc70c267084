using Google.Protobuf;
using MadgNet.Core.Runtime;
using MadgNet.Onnx.Export;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace MadgNet.Onnx;

/// <summary>
/// Asks ONNX Runtime a small question whose answer is known, before it is trusted with images: convolutions of the kinds that
/// networks are made of, against double precision computed here.
/// </summary>
internal static class OnnxArithmetic
{
    // Right results stay below 1e-6 in float32; execution providers that compute in TF32 stay below 1e-3.
    private const double Tolerance = 3e-3;
    private const int Height = 9;
    private const int Width = 10;

    // What one processor and one library answer does not change within a process.
    private static readonly Lazy<double> OfProcessor = new(() =>
    {
        // As sessions are opened here: what goes wrong is thrown, and nothing is written to the console.
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        return Measure(options);
    });

    private static readonly Lazy<byte[]> Model = new(Build);

    // Channel counts that 8 and 16 divide, and that they do not: 3×3, strided, dilated and grouped, depthwise, 1×1.
    private static readonly Layer[] Layers =
    [
        new(Input: 13, Output: 39, Kernel: 3, Dilation: 1, Groups: 1),
        new(Input: 39, Output: 39, Kernel: 3, Dilation: 1, Groups: 39),
        new(Input: 39, Output: 64, Kernel: 1, Dilation: 1, Groups: 1),
        new(Input: 64, Output: 64, Kernel: 3, Dilation: 2, Groups: 32),
        new(Input: 64, Output: 5, Kernel: 1, Dilation: 1, Groups: 1),
    ];

    /// <summary>Makes sure, once a process, that ONNX Runtime computes rightly on the processor.</summary>
    /// <exception cref="WrongArithmeticException">It does not.</exception>
    public static void EnsureVerified() => ThrowIfWrong(OfProcessor.Value, "the processor");

    /// <summary>
    /// Makes sure that ONNX Runtime computes rightly with what a host has configured, such as another execution provider.
    /// </summary>
    /// <param name="options">The session's options.</param>
    /// <exception cref="WrongArithmeticException">It does not.</exception>
    public static void EnsureVerified(SessionOptions options) => ThrowIfWrong(Measure(options), "the configured execution providers");

    /// <summary>Throws where an error is more than rounding.</summary>
    /// <param name="error">The largest difference, relative to the largest value.</param>
    /// <param name="where">What computed it.</param>
    internal static void ThrowIfWrong(double error, string where)
    {
        if (!(error <= Tolerance))
        {
            var finding = new ArithmeticFinding(
                $"convolutions of 1×{Layers[0].Input}×{Height}×{Width} in ONNX Runtime on {where}", error, Tolerance);
            throw new WrongArithmeticException(
                new Problem(
                    $"ONNX Runtime on {where}",
                    finding.ToString(),
                    "results that agree with double precision",
                    "Do not use this machine for masks: try another one, another version of ONNX Runtime, or no execution provider but "
                        + "the processor"),
                [finding]);
        }
    }

    /// <summary>The largest error of ONNX Runtime, relative to the largest value; infinite for NaN.</summary>
    internal static double Measure(SessionOptions options)
    {
        float[] image = Numbers(Layers[0].Input * Height * Width, seed: 1);
        using var session = new InferenceSession(Model.Value, options);
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(image, [1, Layers[0].Input, Height, Width]);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["image"], [input], ["map"]);
        return Error(Expected(image), outputs[0].GetTensorDataAsSpan<float>());
    }

    /// <summary>The largest difference, relative to the largest expected value; infinite where there is NaN.</summary>
    internal static double Error(ReadOnlySpan<double> expected, ReadOnlySpan<float> results)
    {
        double scale = 0;
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (!float.IsFinite(results[i]))
            {
                return double.PositiveInfinity;
            }

            scale = Math.Max(scale, Math.Abs(expected[i]));
            worst = Math.Max(worst, Math.Abs(expected[i] - results[i]));
        }

        return worst / scale;
    }

    private static byte[] Build()
    {
        var builder = new GraphBuilder(OnnxPrecision.Float32);
        builder.Input("image", TensorProto.Types.DataType.Float, (1, "n"), (Layers[0].Input, "c"), (Height, "h"), (Width, "w"));
        string value = "image";
        for (int i = 0; i < Layers.Length; i++)
        {
            Layer layer = Layers[i];
            string weight = builder.Constant(
                $"weight{i}", layer.Weight(i), layer.Output, layer.Input / layer.Groups, layer.Kernel, layer.Kernel);
            long pad = layer.Padding;
            AttributeProto[] attributes =
            [
                GraphBuilder.Attribute("kernel_shape", layer.Kernel, layer.Kernel),
                GraphBuilder.Attribute("pads", pad, pad, pad, pad),
                GraphBuilder.Attribute("dilations", layer.Dilation, layer.Dilation),
                GraphBuilder.Attribute("group", (long)layer.Groups),
            ];
            value = builder.Node("Conv", [value, weight], attributes);
            if (i < Layers.Length - 1)
            {
                value = builder.Node("Relu", [value]);
            }
        }

        builder.Named("Identity", [value], "map");
        builder.Output("map", (1, "n"), (Layers[^1].Output, "c"), (Height, "h"), (Width, "w"));
        return builder.Finish("1", []).ToByteArray();
    }

    private static double[] Expected(float[] image)
    {
        double[] map = [.. image.Select(value => (double)value)];
        for (int i = 0; i < Layers.Length; i++)
        {
            map = Layers[i].Apply(map, Layers[i].Weight(i));
            if (i < Layers.Length - 1)
            {
                map = [.. map.Select(value => Math.Max(0, value))];
            }
        }

        return map;
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    /// <summary>A convolution that keeps the map's size.</summary>
    private sealed record Layer(int Input, int Output, int Kernel, int Dilation, int Groups)
    {
        public int Padding => Dilation * (Kernel / 2);

        public float[] Weight(int seed) => Numbers(Output * (Input / Groups) * Kernel * Kernel, seed + 2);

        public double[] Apply(double[] map, float[] weight)
        {
            int inputs = Input / Groups;
            var result = new double[Output * Height * Width];
            for (int o = 0; o < Output; o++)
            {
                int first = o / (Output / Groups) * inputs;
                for (int y = 0; y < Height; y++)
                {
                    for (int x = 0; x < Width; x++)
                    {
                        result[(((o * Height) + y) * Width) + x] = Sum(
                            map, weight.AsSpan(o * inputs * Kernel * Kernel), first, inputs, y, x);
                    }
                }
            }

            return result;
        }

        private double Sum(double[] map, ReadOnlySpan<float> weight, int first, int inputs, int y, int x)
        {
            double sum = 0;
            for (int c = 0; c < inputs; c++)
            {
                for (int ky = 0; ky < Kernel; ky++)
                {
                    for (int kx = 0; kx < Kernel; kx++)
                    {
                        (int row, int column) = (y + (ky * Dilation) - Padding, x + (kx * Dilation) - Padding);
                        if (row is >= 0 and < Height && column is >= 0 and < Width)
                        {
                            sum += map[((((first + c) * Height) + row) * Width) + column] * weight[(((c * Kernel) + ky) * Kernel) + kx];
                        }
                    }
                }
            }

            return sum;
        }
    }
}
