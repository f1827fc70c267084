using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Inference;

public class PredictorTests
{
    [Theory]
    [InlineData(32, 32)]
    [InlineData(21, 35)]
    [InlineData(1, 1)]
    public void A_prediction_has_the_size_of_its_image(int height, int width)
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        Prediction prediction = predictor.Predict(Discs.Sample(0, height, width, 1).Image);

        Assert.Equal((1, height, width), (prediction.Labels, prediction.Height, prediction.Width));
        Assert.All(prediction.Probability.Data.ToArray(), value => Assert.InRange(value, 0f, 1f));
        Assert.Equal((width, height), (prediction.Mask().Width, prediction.Mask().Height));
    }

    [Fact]
    public void An_image_of_the_networks_size_is_predicted_as_by_the_network()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        FloatImage image = Discs.Sample(0, 32, 40, 1).Image;
        Prediction prediction = predictor.Predict(image);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor expected = model.Predict(image.ToTensor().unsqueeze(0)).sigmoid();
        Assert.Equal(expected.data<float>().ToArray(), prediction.Probability.Data.ToArray());
    }

    [Fact]
    public void An_input_size_is_resized_to_and_back()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model, new PredictorOptions { InputSize = (16, 24) });
        FloatImage image = Discs.Sample(0, 50, 60, 1).Image;
        Prediction prediction = predictor.Predict(image);

        using var plain = new Predictor(model);
        FloatImage small = plain.Predict(ImageResizer.Bilinear(image, 16, 24)).Probability;
        Assert.Equal(ImageResizer.Bilinear(small, 50, 60).Data.ToArray(), prediction.Probability.Data.ToArray());
    }

    [Fact]
    public void The_mask_is_where_the_probability_reaches_the_threshold()
    {
        using MadgNetModel model = TinyModel.Create();
        FloatImage image = Discs.Sample(0, 32, 32, 1).Image;
        using var middle = new Predictor(model);
        float[] probability = middle.Predict(image).Probability.Data.ToArray();
        float threshold = probability.Order().ElementAt(probability.Length / 3);
        using var predictor = new Predictor(model, new PredictorOptions { Threshold = threshold });
        byte[] mask = predictor.Predict(image).Mask().Bytes.ToArray();
        Assert.Equal(probability.Select(value => value >= threshold ? (byte)255 : (byte)0), mask);
        Assert.Contains((byte)0, mask);
        Assert.Contains((byte)255, mask);
    }

    [Fact]
    public void Intensities_are_scaled_as_the_model_says()
    {
        byte[] samples = [.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(50 + (i % 100)))];
        var image = new PixelImage(32, 32, 3, samples);
        using MadgNetModel model = TinyModel.Create(
            options: TinyModel.Options with { Input = new ModelInput { Scaling = IntensityScaling.MinMax } });
        using var predictor = new Predictor(model);
        float[] expected = predictor.Predict(image.ToFloat(ImageChannels.Rgb, IntensityWindow.MinMax)).Probability.Data.ToArray();
        Assert.Equal(expected, predictor.Predict(image).Probability.Data.ToArray());
        Assert.NotEqual(predictor.Predict(image.ToFloat(ImageChannels.Rgb)).Probability.Data.ToArray(), expected);
    }

    [Fact]
    public void A_file_becomes_a_mask_of_its_own_size()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        string source = Fixture.PathOf(Path.Combine("images", "rgb.png"));
        string target = folder.File("mask.png");
        predictor.Predict(source).SaveMask(target);

        var reader = new ImageReader();
        PixelImage image = reader.Read(source);
        PixelImage mask = reader.Read(target);
        Assert.Equal((image.Width, image.Height, 1, 8), (mask.Width, mask.Height, mask.Channels, mask.BitDepth));
        Assert.All(mask.Bytes.ToArray(), value => Assert.True(value is 0 or 255));
    }

    [Fact]
    public void Predicting_leaves_no_tensor_behind_also_when_it_fails()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        FloatImage image = Discs.Sample(0, 21, 35, 1).Image;
        TensorLeak.None(() => predictor.Predict(image));
        TensorLeak.None(() => Assert.Throws<TensorShapeException>(() => predictor.Predict(new FloatImage(2, 8, 8))));
        TensorLeak.None(() =>
            Assert.Throws<ImageReadException>(() => predictor.Predict(Fixture.PathOf(Path.Combine("images", "not_an_image.png")))));
    }

    [Fact]
    public void Threads_share_a_predictor()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        FloatImage[] images = [.. Enumerable.Range(0, 8).Select(i => Discs.Sample(i, 24, 24, 1).Image)];
        float[][] serial = [.. images.Select(image => predictor.Predict(image).Probability.Data.ToArray())];
        var parallel = new float[images.Length][];
        Parallel.For(0, images.Length, i => parallel[i] = predictor.Predict(images[i]).Probability.Data.ToArray());
        Assert.Equal(serial, parallel);
    }

    [Fact]
    public void Options_out_of_range_are_refused_together()
    {
        using MadgNetModel model = TinyModel.Create();
        var exception = Assert.Throws<InvalidOptionsException>(() => new Predictor(
            model, new PredictorOptions { Threshold = 2, InputSize = (0, 5) }));
        Assert.Equal(2, exception.Problems.Count);
    }

    [Fact]
    public void A_tensor_is_predicted_like_the_image_that_it_holds()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        FloatImage image = Discs.Sample(0, 21, 35, 1).Image;
        float[] expected = predictor.Predict(image).Probability.Data.ToArray();
        using Tensor single = image.ToTensor();
        using Tensor batch = single.unsqueeze(0);
        using Tensor wide = single.to(ScalarType.Float64);
        Assert.All([single, batch, wide], tensor => Assert.Equal(expected, predictor.Predict(tensor).Probability.Data.ToArray()));
        TensorLeak.None(() => predictor.Predict(batch));
    }

    [Fact]
    public void A_tensor_that_is_no_image_is_refused()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        using var scope = NewDisposeScope();
        Tensor[] wrong = [zeros([2, 3, 8, 8]), zeros([8, 8]), zeros([3, 8, 8], ScalarType.Byte), zeros([3, 0, 8]), zeros([2, 8, 8])];
        Assert.All(wrong, tensor => Assert.Throws<TensorShapeException>(() => predictor.Predict(tensor)));
    }

    [Fact]
    public void A_batch_gives_what_its_images_give_alone()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model);
        FloatImage[] images = [.. Enumerable.Range(0, 7).Select(i => Discs.Sample(i, 17 + (8 * (i % 2)), 24, 1).Image)];
        IReadOnlyList<Prediction> together = predictor.Predict(images);
        for (int i = 0; i < images.Length; i++)
        {
            Assert.InRange(Pictures.Difference(predictor.Predict(images[i]).Probability, together[i].Probability), 0, 1e-5f);
        }
    }

    [Fact]
    public void The_threshold_that_is_stored_with_a_model_is_the_predictors()
    {
        using MadgNetModel model = TinyModel.Create();
        model.Threshold = 0.25;
        using var stored = new Predictor(model);
        using var given = new Predictor(model, new PredictorOptions { Threshold = 0.75 });
        FloatImage image = Discs.Sample(0, 16, 16, 1).Image;
        Assert.Equal((0.25, 0.75), (stored.Predict(image).Threshold, given.Predict(image).Threshold));
    }

    [Fact]
    public void A_loaded_predictor_predicts_like_the_model_that_was_saved()
    {
        using var folder = new TemporaryFolder();
        var options = new MadgNetOptions
        {
            Encoder = EncoderNames.ResNet50,
            DecoderChannels = [8, 8, 8, 8],
            SkipChannels = 4,
            DctSizes = [7, 7, 7, 7],
            Labels = 2
        };
        using var model = new MadgNetModel(options, seed: 9);
        string path = folder.File("model.safetensors");
        model.Save(path);
        FloatImage image = Discs.Sample(0, 40, 50, 1).Image;
        using var direct = new Predictor(model);
        using Predictor loaded = Predictor.Load(path);

        // The loaded one runs in another form, with batch normalisation folded: equal up to rounding.
        Assert.InRange(Pictures.Difference(direct.Predict(image).Probability, loaded.Predict(image).Probability), 0, 1e-5f);
        Assert.Equal(options, Assert.IsType<MadgNetModel>(loaded.Model).Options);
        TensorLeak.None(() => loaded.Predict(image));
        TensorLeak.None(() => Predictor.Load(path).Dispose());
    }
}
