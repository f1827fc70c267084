using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The blocks of <see cref="Core.Modules.Encoders.ResNetEncoder"/>.</summary>
internal sealed class ResNetGraph(
    Operations operations, ModelWeights weights, string prefix, ResNetDepth depth) : EncoderGraph(operations, weights, prefix)
{
    private static readonly int[] BlocksOfEighteen = [2, 2, 2, 2];
    private static readonly int[] BlocksOfCntk = [2, 2, 2, 3];

    protected override IReadOnlyList<int> BlocksPerLayer => depth switch
    {
        ResNetDepth.ResNet18 => BlocksOfEighteen,
        ResNetDepth.ResNet18Cntk => BlocksOfCntk,
        _ => base.BlocksPerLayer,
    };

    // With basic blocks the first layer keeps the stem's channels and size.
    protected override bool NeedsShortcut(int layer) => depth == ResNetDepth.ResNet50 || layer > 0;

    protected override Kernel[] StemKernels() => [Kernel("conv1", "bn1")];

    protected override OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride) =>
        Operations.Convolve(input, Kernel(name + ".downsample.0", name + ".downsample.1"), stride);

    protected override OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first)
    {
        if (depth != ResNetDepth.ResNet50)
        {
            OnnxFeatureMap basic = Operations.ConvolveRelu(input, Kernel(name + ".conv1", name + ".bn1"), stride);
            return Operations.Convolve(basic, Kernel(name + ".conv2", name + ".bn2"));
        }

        OnnxFeatureMap features = Operations.ConvolveRelu(input, Kernel(name + ".conv1", name + ".bn1"));
        features = Operations.ConvolveRelu(features, Kernel(name + ".conv2", name + ".bn2"), stride);
        return Operations.Convolve(features, Kernel(name + ".conv3", name + ".bn3"));
    }
}
