using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Encoders;

public class UNetEncoderTests
{
    [Fact]
    public void The_classic_path_has_five_levels_that_halve_and_double()
    {
        using var backbone = new UNetEncoder();
        Assert.Equal([new(64, 1), new(128, 2), new(256, 4), new(512, 8), new(1024, 16)], backbone.Levels);

        // Σ 9·(in·out + out·out) + 4·out over the five levels.
        long expected = 0;
        long input = 3;
        foreach (FeatureLevel level in backbone.Levels)
        {
            expected += (9 * ((input * level.Channels) + (level.Channels * level.Channels))) + (4 * level.Channels);
            input = level.Channels;
        }

        Assert.Equal(expected, backbone.parameters().Sum(parameter => parameter.numel()));
        Assert.Contains("level5.bn2.running_mean", backbone.state_dict().Keys);
    }

    [Fact]
    public void Levels_are_those_of_a_plain_implementation_in_double_precision()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var backbone = new UNetEncoder(inputChannels: 2, width: 6);
        PlainLayers.Fill(backbone);
        backbone.eval();
        Tensor image = BlockProperty.Image(2, 2, 48, 32);
        IReadOnlyList<Tensor> single = backbone.Encode(image);
        using IFoldedEncoder folded = ((IFoldableEncoder)backbone).Fold(ScalarType.Float32);
        IReadOnlyList<Tensor> fast = folded.Run(image);
        backbone.to(ScalarType.Float64);
        IReadOnlyList<Tensor> exact = backbone.Encode(image.to(ScalarType.Float64));
        var layers = new PlainLayers(backbone.state_dict());
        Tensor x = image.to(ScalarType.Float64);
        for (int level = 0; level < 5; level++)
        {
            x = layers.DoubleConvolution(level == 0 ? x : nn.functional.max_pool2d(x, 2, stride: 2), $"level{level + 1}");
            Assert.Equal([2L, 6 << level, 48 >> level, 32 >> level], x.shape);
            Close.Relative(x, exact[level], 1e-12, $"level {level} in double precision");
            Close.Relative(x, single[level], 1e-5, $"level {level} in single precision");
            Close.Relative(x, fast[level], 1e-5, $"level {level}, folded");
        }
    }

    [Fact]
    public void Training_leaves_nothing_behind()
    {
        using var backbone = new UNetEncoder(width: 4);
        using Tensor image = BlockProperty.Image(2, 3, 16, 32);
        TensorLeak.None(() =>
        {
            backbone.zero_grad();
            IReadOnlyList<Tensor> levels = backbone.Encode(image);
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
    public void Other_images_and_options_are_refused_and_leave_nothing_behind()
    {
        using var backbone = new UNetEncoder(2, 4);
        foreach (long[] shape in new long[][] { [1, 3, 32, 32], [1, 2, 24, 32], [1, 2, 16, 16], [2, 32, 32] })
        {
            TensorLeak.None(() =>
            {
                using Tensor image = zeros(shape);
                BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => backbone.Encode(image)), "UNetEncoder");
            });
        }

        TensorLeak.None(() => BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => new UNetEncoder(0, 0)), "inputChannels", "width"));
    }

    [Fact]
    public void It_stands_under_MADGNets_decoder()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        MadgNetOptions options = TinyModel.Options with
        {
            Encoder = EncoderNames.UNet,
            DecoderChannels = [8, 8, 8, 8],
            DctSizes = [7, 7, 7, 7]
        };
        using var model = new MadgNetModel(options, new UNetEncoder(width: 4));
        model.eval();
        Tensor image = BlockProperty.Image(1, 3, 32, 48);
        Tensor logits = model.Predict(image);
        Assert.Equal([1L, 1, 32, 48], logits.shape);
        using InferenceModel fast = model.ForInference();
        Close.Relative(logits, fast.Predict(image), 1e-4, "logits");
    }
}
