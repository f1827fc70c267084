namespace MadgNet.Onnx.Export.Blocks;

/// <summary><see cref="Core.Modules.DoubleConvolution"/>.</summary>
internal static class DoubleConvolutionGraph
{
    public static OnnxFeatureMap Build(
        Operations operations, ModelWeights weights, OnnxFeatureMap input, string name, bool repeatedGray = false)
    {
        Kernel first = weights.Kernel(name + ".conv1", name + ".bn1");

        // A single channel repeated three times, seen through weights w1, w2, w3, is that channel seen through their sum.
        OnnxFeatureMap features = operations.ConvolveRelu(input, repeatedGray ? first.SumInputs() : first);
        return operations.ConvolveRelu(features, weights.Kernel(name + ".conv2", name + ".bn2"));
    }
}
