using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Runtime;

/// <summary>One operation of the arithmetic's check: what goes in, and what is done with it.</summary>
/// <param name="Name">The operation with its shape.</param>
/// <param name="Inputs">The shapes of what goes in; all of it gets a gradient.</param>
/// <param name="Function">The operation.</param>
internal sealed record ArithmeticOperation(string Name, IReadOnlyList<long[]> Inputs, Func<IReadOnlyList<Tensor>, Tensor> Function)
{
    /// <summary>Whether it is computed in channels-last memory alone, to save the time of the other order.</summary>
    public bool ChannelsLastAlone { get; init; }

    /// <summary>
    /// What is checked once a process: the kinds of convolution that this library is made of, with channel counts that 8 and 16
    /// divide and that they do not, and the operations beside them.
    /// </summary>
    public static IReadOnlyList<ArithmeticOperation> Fixed { get; } =
    [
        Convolution(batch: 1, input: 39, side: 12, output: 8, kernel: 3),
        Convolution(batch: 2, input: 32, side: 10, output: 48, kernel: 3),
        Convolution(batch: 1, input: 24, side: 9, output: 40, kernel: 3, dilation: 2),
        Convolution(batch: 1, input: 64, side: 8, output: 64, kernel: 3, dilation: 2, groups: 8),
        Convolution(batch: 1, input: 20, side: 8, output: 20, kernel: 3, groups: 20),
        Convolution(batch: 1, input: 3, side: 16, output: 24, kernel: 7, stride: 2),
        Convolution(batch: 2, input: 40, side: 9, output: 17, kernel: 1),

        // The widths of a ResNet-50's deep layers, at which a wrong blocking divides by zero in channels-last memory.
        Convolution(batch: 1, input: 256, side: 6, output: 1024, kernel: 1) with { ChannelsLastAlone = true },
        new(
            "batch normalisation of 2×24×7×9",
            [[2, 24, 7, 9], [24], [24]],
            inputs => functional.batch_norm(
                inputs[0], inputs[1].detach().clone(), inputs[1].detach().clone(), inputs[1], inputs[2], training: true)),
        new("bilinear upsampling of 1×12×5×7", [[
            1,
            12,
            5,
            7
        ]], inputs => functional.interpolate(inputs[0], scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)),
        new("matrix product 33×70 · 70×45", [[33, 70], [70, 45]], inputs => inputs[0].matmul(inputs[1])),
    ];

    /// <summary>A convolution, padded to keep its size but for the stride.</summary>
    public static ArithmeticOperation Convolution(
        long batch, long input, long side, long output, long kernel, long stride = 1, long dilation = 1, long groups = 1)
    {
        string kind = groups == 1 ? string.Empty : groups == input ? "depthwise " : $"{groups}-group ";
        string details = (stride == 1 ? string.Empty : $", stride {stride}") + (dilation == 1 ? string.Empty : $", dilation {dilation}");
        long padding = dilation * (kernel / 2);
        return new(
            $"{kernel}×{kernel} {kind}convolution {input}→{output} of {batch}×{input}×{side}×{side + 1}{details}",
            [[batch, input, side, side + 1], [output, input / groups, kernel, kernel]],
            inputs => functional.conv2d(inputs[0], inputs[1], null, [stride, stride], [padding, padding], [dilation, dilation], groups));
    }

    /// <summary>A convolution whose kind and shape are drawn.</summary>
    public static ArithmeticOperation RandomConvolution(Random random)
    {
        long Channels() => random.Next(3) switch
        {
            0 => random.Next(1, 65),
            1 => 8 * random.Next(1, 13),
            _ => 16 << random.Next(0, 6),
        };
        long kernel = 1 + (2 * random.Next(0, 3));
        (long input, long output) = (Channels(), Channels());
        long groups = 1;
        switch (random.Next(5))
        {
            case 0:
                groups = output = input;
                break;
            case 1:
                groups = 1L << random.Next(1, 6);
                (input, output) = (groups * random.Next(1, 9), groups * random.Next(1, 9));
                break;
        }

        // Wide convolutions on small maps, so that each takes milliseconds in double precision too.
        long side = input * output * kernel * kernel > 200_000 ? random.Next(4, 9) : random.Next(4, 24);
        return Convolution(random.Next(1, 4), input, side, output, kernel, random.Next(1, 3), kernel == 1 ? 1 : random.Next(1, 4), groups);
    }
}
