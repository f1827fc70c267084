using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Encoders;

public class ResNetEncoderTests
{
    /// <summary>What torchvision 0.20 tells of resnet18, resnet34 and resnet50, less the classifier's 513,000 and 2,049,000; CNTK's has
    /// a block of 2 · 9 · 512² weights and 4 · 512 of normalisations more, and the file that is published has these.</summary>
    [Theory]
    [InlineData(ResNetDepth.ResNet18, 11_176_512)]
    [InlineData(ResNetDepth.ResNet18Cntk, 15_897_152)]
    [InlineData(ResNetDepth.ResNet34, 21_284_672)]
    [InlineData(ResNetDepth.ResNet50, 23_508_032)]
    public void The_number_of_parameters_is_that_of_torchvision(ResNetDepth depth, long expected)
    {
        using var backbone = new ResNetEncoder(depth, inputChannels: 3);
        Assert.Equal(expected, backbone.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(depth, backbone.Depth);
    }

    [Fact]
    public void Names_are_those_of_torchvision()
    {
        using var backbone = new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3);
        Dictionary<string, Tensor> state = backbone.state_dict();

        // 20 convolutions, and 20 batch normalisations of 5 tensors each.
        Assert.Equal(120, state.Count);
        Assert.Equal([64L, 3, 7, 7], state["conv1.weight"].shape);
        Assert.Equal([64L], state["bn1.running_var"].shape);
        Assert.Equal([64L, 64, 3, 3], state["layer1.1.conv2.weight"].shape);
        Assert.Equal([128L, 64, 3, 3], state["layer2.0.conv1.weight"].shape);
        Assert.Equal([128L, 64, 1, 1], state["layer2.0.downsample.0.weight"].shape);
        Assert.Equal([512L], state["layer4.0.downsample.1.bias"].shape);
        Assert.Equal([512L], state["layer4.1.bn2.weight"].shape);
        Assert.DoesNotContain("layer1.0.downsample.0.weight", state.Keys);
    }

    [Theory]
    [InlineData(ResNetDepth.ResNet18)]
    [InlineData(ResNetDepth.ResNet18Cntk)]
    [InlineData(ResNetDepth.ResNet34)]
    [InlineData(ResNetDepth.ResNet50)]
    public void Levels_are_those_of_a_plain_implementation_in_double_precision(ResNetDepth depth)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var backbone = new ResNetEncoder(depth, inputChannels: 3);
        PlainLayers.Fill(backbone);
        backbone.eval();
        Tensor image = BlockProperty.Image(1, 3, 64, 32);
        IReadOnlyList<Tensor> single = backbone.Encode(image);
        using IFoldedEncoder folded = ((IFoldableEncoder)backbone).Fold(ScalarType.Float32);
        IReadOnlyList<Tensor> fast = folded.Run(image);

        backbone.to(ScalarType.Float64);
        IReadOnlyList<Tensor> exact = backbone.Encode(image.to(ScalarType.Float64));
        Tensor[] expected = Plain(backbone, depth, image.to(ScalarType.Float64));
        for (int level = 0; level < 5; level++)
        {
            Assert.Equal(backbone.Levels[level].Channels, expected[level].size(1));
            Close.Relative(expected[level], exact[level], 1e-12, $"level {level} in double precision");

            // Whole encoders of untrained weights: rounding of up to fifty layers.
            Close.Relative(expected[level], single[level], 1e-4, $"level {level} in single precision");
            Close.Relative(expected[level], fast[level], 1e-4, $"level {level}, folded");
        }
    }

    [Fact]
    public void Smaller_networks_train_and_leave_nothing_behind()
    {
        using var backbone = new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3);
        WeightInitialization.Apply(backbone, 1, WeightInitializationScheme.NormalFanOut);
        using Tensor image = BlockProperty.Image(2, 3, 32, 64);
        TensorLeak.None(() =>
        {
            backbone.zero_grad();
            IReadOnlyList<Tensor> levels = backbone.Encode(image);
            Assert.Equal(
                backbone.Levels.Select(level => new[] { 2, level.Channels, 32 / level.Stride, 64 / level.Stride }),
                levels.Select(level => level.shape));
            using (Tensor sum = levels[^1].sum())
            {
                sum.backward();
            }

            foreach (Tensor level in levels)
            {
                level.Dispose();
            }

            foreach (TorchSharp.Modules.Parameter parameter in backbone.parameters())
            {
                using Tensor? gradient = parameter.grad;
                Assert.NotNull(gradient);
                parameter.grad = null;
            }
        });
    }

    [Fact]
    public void An_unknown_depth_is_refused() => BlockProperty.FollowsTheMessageRule(
        Assert.Throws<InvalidOptionsException>(() => new ResNetEncoder((ResNetDepth)101, inputChannels: 3)), "101", "34 or 50");

    private static Tensor[] Plain(ResNetEncoder backbone, ResNetDepth depth, Tensor image)
    {
        var layers = new PlainLayers(backbone.state_dict());
        int[] counts = depth switch
        {
            ResNetDepth.ResNet18 => [2, 2, 2, 2],
            ResNetDepth.ResNet18Cntk => [2, 2, 2, 3],
            _ => [3, 4, 6, 3],
        };
        Tensor x = layers.Normalization(layers.Convolution(image, "conv1", 2, 3), "bn1").relu();
        var levels = new List<Tensor> { x };
        x = nn.functional.max_pool2d(x, 3, stride: 2, padding: 1);
        for (int layer = 0; layer < 4; layer++)
        {
            for (int block = 0; block < counts[layer]; block++)
            {
                int stride = block == 0 && layer > 0 ? 2 : 1;
                string name = $"layer{layer + 1}.{block}";
                x = depth == ResNetDepth.ResNet50 ? layers.Bottleneck(x, name, stride) : layers.BasicBlock(x, name, stride);
            }

            levels.Add(x);
        }

        return [.. levels];
    }
}
