using MadgNet.Core.Runtime;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Runtime;

/// <summary>
/// The operations that the modules of this library are made of beside those of the check, forward and backward, in float32 and
/// bfloat16, in both memory orders, against float64: a machine on which one of them is wrong is found here.
/// </summary>
public class LibtorchOperationTests
{
    public static TheoryData<string> Names => [.. Operations.Select(operation => operation.Name)];

    private static ArithmeticOperation[] Operations { get; } =
    [
        Of("average pooling by 2", x => functional.avg_pool2d(x, 2, 2)),
        Of("average pooling by 4", x => functional.avg_pool2d(x, 4, 4)),
        Of("average pooling of a strided block", x => functional.avg_pool2d(x, 3, 2, 1)),
        Of("window of 31 rows and columns", x => functional.avg_pool2d(x, [31, 1], [1, 1], [15, 0])),
        Of("maximum pooling of the stem", x => functional.max_pool2d(x, 3, 2, 1)),
        Of("adaptive average pooling to 7×7", x => functional.adaptive_avg_pool2d(x, [7, 7])),
        Of("adaptive average pooling to 14×14", x => functional.adaptive_avg_pool2d(x, [14, 14])),
        Of("global average", x => functional.adaptive_avg_pool2d(x, [1, 1])),
        Of("maximum over space", x => x.amax([2, 3])),
        Of("minimum over space", x => x.amin([2, 3])),
        Of("mean over space", x => x.mean([2, 3])),
        Of("bilinear by 2", x => functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false)),
        Of("bilinear by 8, aligned corners", x => functional.interpolate(
            x, scale_factor: [8, 8], mode: InterpolationMode.Bilinear, align_corners: true)),
        Of("bilinear to a size", x => functional.interpolate(x, size: [23, 31], mode: InterpolationMode.Bilinear, align_corners: false)),
        Of("sigmoid", x => x.sigmoid()),
        Of("rectifier", x => functional.relu(x)),
        Of("softmax over channels", x => x.softmax(1)),
        Of("logarithm of the sigmoid", x => functional.logsigmoid(x)),
        Of("concatenation", x => cat([x, x.sigmoid()], 1)),
        Of("product with a map of attention", x => x.mul(x.mean([1], keepdim: true).sigmoid())),
        Of("split into channel groups", x => cat([.. x.chunk(3, 1).Reverse()], 1)),
        new("linear layer", [[5, 70], [33, 70]], inputs => functional.linear(inputs[0], inputs[1])),
        new("batched matrix product", [[3, 17, 29], [3, 29, 11]], inputs => inputs[0].bmm(inputs[1])),
        new("group normalisation", [[2, 24, 7, 9], [24], [24]], inputs => functional.group_norm(inputs[0], 6, inputs[1], inputs[2], 1e-5)),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Libtorch_computes_it_rightly(string name)
    {
        NativeRuntime.EnsureAvailable();

        ArithmeticCheck check = ArithmeticCheck.Run(CPU, Operations.Where(operation => operation.Name == name), CancellationToken.None);

        Assert.Empty(check.Wrong);
        Assert.True(check.Operations >= 2);
    }

    private static ArithmeticOperation Of(string name, Func<Tensor, Tensor> function) =>
        new(name, [[2, 12, 19, 26]], inputs => function(inputs[0]));
}
