using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>The few layers that every block is made of, with the arguments that matter here.</summary>
internal static class Layers
{
    public static Conv2d Convolution(
        long input, long output, int kernel, int stride = 1, int dilation = 1, int groups = 1, bool bias = false)
    {
        // A convolution with a bias leaves a view of its weights behind when it is constructed, which would keep them in
        // memory after it is disposed; weights and bias themselves are detached from every scope.
        using DisposeScope scope = NewDisposeScope();
        return Conv2d(
            input, output, kernel, stride: stride, padding: dilation * (kernel / 2), dilation: dilation, groups: groups, bias: bias);
    }

    public static BatchNormalization Normalization(long channels) => new(channels);

    /// <summary>
    /// ReLU that overwrites its input: batch normalisation, its only caller here, does not need its own output for the backward pass.
    /// </summary>
    public static ReLU Rectifier() => ReLU(inplace: true);

    /// <summary>Convolution, batch normalisation and ReLU, under the state-dict names 0, 1 (2 has no state).</summary>
    public static Sequential ConvolutionBlock(long input, long output, int kernel, bool bias) =>
        Sequential(
            ("0", Convolution(input, output, kernel, bias: bias)),
            ("1", Normalization(output)),
            ("2", Rectifier()));

    /// <summary>Bilinear interpolation to a size; the input itself (not an alias) where the size is right already.</summary>
    public static Tensor Resize(Tensor input, long height, long width, bool alignCorners) =>
        input.size(2) == height && input.size(3) == width
            ? input
            : functional.interpolate(input, [height, width], mode: InterpolationMode.Bilinear, align_corners: alignCorners);
}
