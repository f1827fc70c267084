using CsCheck;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Models;

public class InferenceModelTests
{
    [Fact]
    public void Any_legal_network_predicts_what_the_model_predicts() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 6]),
            Gen.Bool.Select(ensemble => ensemble ? SubDecoderNames.Ensemble : SubDecoderNames.Parallel),
            Gen.Enum<InputNormalization>(),
            Gen.Int[1, 3],
            Gen.Int[0, 1].Select(index => new[] { 1L, 3 }[index]),
            Gen.Select(Gen.Int[1, 2], Gen.Int[1, 4], Gen.Int[1, 4])).Sample(
            (attention, subDecoder, normalization, labels, channels, shape) =>
            {
                (int scales, int height, bool spatial, int frequencies) = attention;
                using var scope = NewDisposeScope();
                MadgNetOptions options = TinyModel.Options with
                {
                    SubDecoder = subDecoder,
                    Input = new ModelInput { Normalization = normalization },
                    Labels = labels,
                    Attention = TinyModel.Options.Attention with
                    {
                        Scales = scales,
                        SpatialAttention = spatial,
                        Frequencies = new[] { 0, 1, 2, 4, 8, 16, 32 }[frequencies]
                    },
                };
                using MadgNetModel model = TinyModel.Create(options: options);
                Fill(model);
                using InferenceModel actual = model.ForInference();
                Tensor image = FixtureRule.Tensor("image", [shape.Item1, channels, 8 * shape.Item2, 8 * shape.Item3], 0, 1);
                Close.Relative(model.Predict(image), actual.Predict(image), 1e-4, "region");
            },
            iter: 40);

    [Theory]
    [InlineData(InferencePrecision.Float32, 1e-4)]
    [InlineData(InferencePrecision.BFloat16, 0.1)]
    public void A_batch_of_large_images_is_what_each_gives_alone(InferencePrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        Fill(model);
        using InferenceModel form = model.ForInference(precision);
        Tensor images = FixtureRule.Tensor("image", [3, 3, 192, 200], 0, 1);
        Tensor together = form.Predict(images);
        Assert.Equal([3, 1, 192, 200], together.shape);
        Tensor alone = cat([.. Enumerable.Range(0, 3).Select(i => form.Predict(images.narrow(0, i, 1)))]);
        Close.Relative(alone, together, tolerance, "region");
        Close.Relative(model.Predict(images), together, tolerance, "plain form");
        TensorLeak.None(() => form.Predict(images).Dispose());
    }

    [Theory]
    [InlineData(EncoderNames.ResNeSt50)]
    [InlineData(EncoderNames.ResNet50)]
    [InlineData(EncoderNames.Res2Net50)]
    public void Every_encoder_has_a_folded_form_that_equals_it(string kind)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using MadgNetModel model = new(
            TinyModel.Options with { Encoder = kind, DecoderChannels = [32, 16, 16, 16], DctSizes = [7, 7, 8, 8] });
        FixtureRule.Fill(model, "inference.");
        model.eval();
        Tensor image = BlockProperty.Image(2, 3, 64, 32);
        using IFoldedEncoder encoder = ((IFoldableEncoder)model.Encoder).Fold(ScalarType.Float32);
        IReadOnlyList<Tensor> expected = model.Encoder.Encode(image);
        IReadOnlyList<Tensor> actual = encoder.Run(image);
        Assert.Equal(expected.Count, actual.Count);
        for (int level = 0; level < expected.Count; level++)
        {
            Close.Relative(expected[level], actual[level], 1e-4, $"level {level}");
        }

        using InferenceModel folded = model.ForInference();
        Close.Relative(model.Predict(image), folded.Predict(image), 1e-4, "region");
        using InferenceModel half = model.ForInference(InferencePrecision.BFloat16);
        Tensor region = half.Predict(image);
        Assert.Equal((ScalarType.Float32, folded.Predict(image).shape.Length), (region.dtype, region.shape.Length));
        Assert.True(region.isfinite().all().item<bool>());
    }

    [Fact]
    public void Bfloat16_is_close_to_single_precision()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        Fill(model);
        using InferenceModel half = model.ForInference(InferencePrecision.BFloat16);
        Tensor image = BlockProperty.Image(2, 3, 32, 32);

        // Eight bits of mantissa, and a dozen layers.
        Close.Relative(model.Predict(image).sigmoid(), half.Predict(image).sigmoid(), 0.05, "probability");
        Assert.Equal(InferencePrecision.BFloat16, half.Precision);
    }

    [Fact]
    public void Weights_are_those_of_the_moment_and_outlive_the_model()
    {
        using var scope = NewDisposeScope();
        MadgNetModel model = new(
            TinyModel.Options with { Encoder = EncoderNames.ResNet50, DecoderChannels = [8, 8, 8, 8], DctSizes = [7, 7, 7, 7] });
        model.eval();
        using InferenceModel folded = model.ForInference();
        Tensor image = BlockProperty.Image(1, 3, 32, 32);
        Tensor before = folded.Predict(image);
        FixtureRule.Fill(model, "later.");
        Bits.Equal(before, folded.Predict(image), "region after the model changed");
        model.Dispose();
        Bits.Equal(before, folded.Predict(image), "region after the model was disposed");
        Assert.Equal(32, folded.Stride);
        Assert.Equal(DeviceType.CPU, folded.Device.type);
    }

    [Fact]
    public void Several_threads_get_what_one_gets()
    {
        using MadgNetModel model = TinyModel.Create();
        Fill(model);
        using InferenceModel folded = model.ForInference();
        Tensor[] images = [.. Enumerable.Range(1, 6).Select(i => FixtureRule.Tensor($"image{i}", [1, 3, 16, 8 * (1 + (i % 3))], 0, 1))];
        byte[][] serial = [.. images.Select(image => Region(folded, image))];
        Parallel.For(0, 24, i => Assert.Equal(serial[i % images.Length], Region(folded, images[i % images.Length])));

        static byte[] Region(InferenceModel folded, Tensor image)
        {
            using Tensor region = folded.Predict(image);
            return region.bytes.ToArray();
        }
    }

    [Fact]
    public void Wrong_inputs_are_refused_as_the_model_refuses_them()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        using InferenceModel folded = model.ForInference();
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => folded.Predict(ones(1, 3, 12, 16))), "InferenceModel image", "multiples of 8");
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => folded.Predict(ones(1, 4, 16, 16))), "N×3×H×W");
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => folded.Predict(ones([1, 3, 16, 16], ScalarType.Float64))), "Float32");
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => model.ForInference((InferencePrecision)7)), "precision");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using MadgNetModel model = TinyModel.Create();
        Fill(model);
        using Tensor image = BlockProperty.Image(1, 3, 16, 16);
        using Tensor wrong = BlockProperty.Image(1, 2, 16, 16);
        using InferenceModel folded = model.ForInference();
        TensorLeak.None(() => folded.Predict(image).Dispose());
        TensorLeak.None(() => Assert.Throws<TensorShapeException>(() => folded.Predict(wrong)));
        TensorLeak.None(() =>
        {
            using InferenceModel half = model.ForInference(InferencePrecision.BFloat16);
            half.Predict(image).Dispose();
        });
    }

    private static void Fill(MadgNetModel model)
    {
        FixtureRule.Fill(model, "inference.");
        model.eval();
    }
}
