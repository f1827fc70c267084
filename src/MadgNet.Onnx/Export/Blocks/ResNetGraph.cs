namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The blocks of <see cref="Core.Modules.Backbones.ResNetBackbone"/>.</summary>
internal sealed class ResNetGraph(Operations operations, ModelWeights weights) : BackboneGraph(operations, weights)
{
    protected override Kernel[] StemKernels() => [Kernel("conv1", "bn1")];

    protected override OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride) =>
        Operations.Convolve(input, Kernel(name + ".downsample.0", name + ".downsample.1"), stride);

    protected override OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first)
    {
        OnnxFeatureMap features = Operations.ConvolveRelu(input, Kernel(name + ".conv1", name + ".bn1"));
        features = Operations.ConvolveRelu(features, Kernel(name + ".conv2", name + ".bn2"), stride);
        return Operations.Convolve(features, Kernel(name + ".conv3", name + ".bn3"));
    }
}
