namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The blocks of <see cref="Core.Modules.Encoders.ResNeStEncoder"/>, radix 2 and cardinality 1.</summary>
internal sealed class ResNeStGraph(Operations operations, ModelWeights weights, string prefix) : EncoderGraph(operations, weights, prefix)
{
    protected override Kernel[] StemKernels() => DeepStem();

    protected override OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride) => PooledShortcut(input, name, stride);

    protected override OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first)
    {
        OnnxFeatureMap features = SplitAttention(input, Kernel(name + ".conv1", name + ".bn1"), name + ".conv2");
        if (stride > 1)
        {
            features = Operations.AveragePool(features, 3, stride, 1);
        }

        return Operations.Convolve(features, Kernel(name + ".conv3", name + ".bn3"));
    }

    /// <summary>
    /// The block's first convolution and <see cref="Core.Modules.Attention.SplitAttention"/>. The grouped convolution of the two
    /// splits, and the one before it, are made as two: their halves are then never cut out of a larger map. The softmax over
    /// two splits is the sigmoid of the difference of their logits, and its complement.
    /// </summary>
    private OnnxFeatureMap SplitAttention(OnnxFeatureMap input, Kernel reduce, string name)
    {
        Kernel splits = Kernel(name + ".conv", name + ".bn0");
        int channels = splits.Outputs / 2;
        int half = splits.InputsPerGroup;
        var parts = new OnnxFeatureMap[2];
        for (int split = 0; split < parts.Length; split++)
        {
            OnnxFeatureMap features = Operations.ConvolveRelu(input, reduce.Slice(split * half, half));
            parts[split] = Operations.ConvolveRelu(features, splits.Slice(split * channels, channels));
        }

        string sum = Operations.Add(GlobalAverage(parts[0]), GlobalAverage(parts[1]));
        OnnxFeatureMap pooled = new(sum, channels, 1, 1);
        OnnxFeatureMap hidden = Operations.ConvolveRelu(pooled, Kernel(name + ".fc1", name + ".bn1"));
        Kernel excite = Kernel(name + ".fc2");
        string first = Operations.Sigmoid(
            Operations.Convolve(hidden, Difference(excite.Slice(0, channels), excite.Slice(channels, channels))).Name);
        string second = Operations.Graph.Node("Sub", [Operations.Graph.Constant("one", [1], 1), first]);
        string merged = Operations.Add(Operations.Multiply(parts[0].Name, first), Operations.Multiply(parts[1].Name, second));
        return parts[0] with { Name = merged };
    }

    private static Kernel Difference(Kernel a, Kernel b) => a with
    {
        Weights = [.. a.Weights.Zip(b.Weights, (left, right) => left - right)],
        Bias = [.. a.Bias!.Zip(b.Bias!, (left, right) => left - right)],
    };

    private string GlobalAverage(OnnxFeatureMap map) => Operations.Graph.Node("GlobalAveragePool", [map.Name]);
}
