using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Inputs;

public class ModelInputTests
{
    private static readonly ModelInput Full = new()
    {
        Channels = 3,
        Scaling = IntensityScaling.MinMax,
        Windows = [null, null, new InputWindow(40, 400)],
        Files = ["_t1", "_t2", "_ct"],
        ChannelOrder = ChannelOrder.Bgr,
        ValueRange = ValueRange.ZeroTo255,
        Mean = [103.06, 115.90, 123.15],
        StandardDeviation = [1.5, 2, 3],
        Size = new ImageSize(64, 96),
        Fit = ImageFit.Letterbox,
    };

    [Fact]
    public void Everything_survives_the_way_through_JSON()
    {
        ModelInput again = ModelInput.FromJson(Full.ToJson());

        Assert.Equal(Full, again);
        Assert.Equal([null, null, new InputWindow(40, 400)], again.Windows);
        Assert.Equal(["_t1", "_t2", "_ct"], again.Files);
        Assert.Equal(new ImageSize(64, 96), again.Size);
        Assert.NotEqual(Full, Full with { Mean = [103.06, 115.90, 123] });
    }

    [Fact]
    public void The_JSON_of_the_first_form_is_read()
    {
        const string Old =
            """{"Channels":1,"Scaling":"MinMax","InvertBrightBackground":true,"Normalization":"None","Size":{"Height":64,"Width":96}}""";

        Assert.Equal(
            new ModelInput { Channels = 1, Scaling = IntensityScaling.MinMax, InvertBrightBackground = true, Size = new ImageSize(64, 96) },
            ModelInput.FromJson(Old));
    }

    [Theory]
    [InlineData("""{"Version":99,"Colour":1}""", "Version: received 99")]
    [InlineData("""{"Colour":1}""", "Colour")]
    [InlineData("""{"Channels":0}""", "Channels: received 0")]
    [InlineData("null", "null")]
    [InlineData("[1]", "ModelInput.ToJson")]
    [InlineData("""{"Version":"two"}""", "ModelInput.ToJson")]
    public void JSON_that_cannot_be_used_is_refused_with_its_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidOptionsException>(() => ModelInput.FromJson(json)).Message, StringComparison.Ordinal);

    public static TheoryData<string, ModelInput> Mistakes => new()
    {
        { nameof(ModelInput.Windows), new ModelInput { Windows = [new(0, 1), new(0, 1)] } },
        { nameof(ModelInput.Windows), new ModelInput { Windows = [new(0, 0)] } },
        { nameof(ModelInput.Windows), new ModelInput { Windows = [new(double.NaN, 1)] } },
        { nameof(ModelInput.Files), new ModelInput { Files = ["_a", "_b"] } },
        { nameof(ModelInput.Files), new ModelInput { Files = ["_a", "_A", "_b"] } },
        { nameof(ModelInput.Files), new ModelInput { Files = ["_a", "", "_b"] } },
        { nameof(ModelInput.Files), new ModelInput { Files = ["_a", "_b.png", "_c"] } },
        { nameof(ModelInput.FromPages), new ModelInput { Files = ["_a", "_b", "_c"], FromPages = true } },
        { nameof(ModelInput.ChannelOrder), new ModelInput { Channels = 4, ChannelOrder = ChannelOrder.Bgr } },
        { nameof(ModelInput.Mean), new ModelInput { Mean = [1, 2] } },
        { nameof(ModelInput.Mean), new ModelInput { Mean = [double.PositiveInfinity] } },
        { nameof(ModelInput.StandardDeviation), new ModelInput { StandardDeviation = [0] } },
        { nameof(ModelInput.Normalization), new ModelInput { Normalization = InputNormalization.ImageNet, Mean = [1] } },
        { nameof(ModelInput.Fit), new ModelInput { Fit = ImageFit.Letterbox } },
        { nameof(ModelInput.Fit), new ModelInput { Fit = (ImageFit)9, Size = new ImageSize(8, 8) } },
        { nameof(ModelInput.InvertBrightBackground), new ModelInput { FromPages = true, InvertBrightBackground = true } },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_a_finding_under_its_name(string subject, ModelInput input) =>
        Assert.Equal(subject, Assert.Single(input.Validate()).Subject);

    [Fact]
    public void A_window_spreads_Hounsfield_units_and_each_channel_has_its_own()
    {
        // Stored as unsigned samples with an offset, as readers of CT hand it over: −1024, −200, 40, 240, 1000.
        var image = new PixelImage(5, 1, 1, [0, 824, 1064, 1264, 2024], -1024);
        var input = new ModelInput { Windows = [new(40, 400), new(-600, 1500), new(400, 1800)] };

        FloatImage channels = input.Prepare(image);

        Assert.Equal([0, 0, 0.5f, 1, 1], channels.Plane(0).ToArray());
        Assert.Equal([326 / 1500f, 1150 / 1500f, 1390 / 1500f, 1, 1], channels.Plane(1).ToArray());
        Assert.Equal([0, 300 / 1800f, 540 / 1800f, 740 / 1800f, 1500 / 1800f], channels.Plane(2).ToArray());
    }

    [Fact]
    public void Weights_of_CNTK_get_BGR_of_0_to_255_minus_the_mean()
    {
        using DisposeScope scope = NewDisposeScope();
        var input = new ModelInput
        {
            ChannelOrder = ChannelOrder.Bgr,
            ValueRange = ValueRange.ZeroTo255,
            Mean = [103.06, 115.90, 123.15],
        };
        using var encoder = new TinyEncoder(TinyModel.Levels);
        var seen = new List<Tensor>();
        encoder.Tamper = (image, pyramid) =>
        {
            seen.Add(image.clone().DetachFromDisposeScope());
            return pyramid;
        };
        using var model = new MadgNetModel(TinyModel.Options with { Input = input }, encoder);
        model.eval();
        byte[] pixels = [.. Enumerable.Range(0, 8 * 8 * 3).Select(i => (byte)((i * 37) % 256))];

        using var predictor = new Predictor(model);
        predictor.Predict(new PixelImage(8, 8, 3, pixels));

        using Tensor actual = Assert.Single(seen);
        for (int i = 0; i < 64; i++)
        {
            Assert.Equal(pixels[(3 * i) + 2] - 103.06, actual[0, 0, i / 8, i % 8].ToDouble(), 1e-4);
            Assert.Equal(pixels[(3 * i) + 1] - 115.90, actual[0, 1, i / 8, i % 8].ToDouble(), 1e-4);
            Assert.Equal(pixels[3 * i] - 123.15, actual[0, 2, i / 8, i % 8].ToDouble(), 1e-4);
        }
    }

    [Fact]
    public void ImageNet_by_name_and_by_its_numbers_are_the_same()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = rand(2, 3, 5, 7);
        var numbers = new ModelInput { Mean = [0.485, 0.456, 0.406], StandardDeviation = [0.229, 0.224, 0.225] };

        Bits.Equal(
            new ModelInput { Normalization = InputNormalization.ImageNet }.Normalize(image), numbers.Normalize(image), "normalised");
        Assert.Throws<TensorShapeException>(() => numbers.Normalize(rand(1, 2, 5, 7)));
    }

    [Fact]
    public void A_letterbox_of_the_predictor_is_the_letterbox_of_training()
    {
        var input = new ModelInput { Size = new ImageSize(16, 24), Fit = ImageFit.Letterbox };
        FloatImage image = Pictures.Noise(3, 30, 20);
        Sample boxed = InputSizing.For(input)!.Apply(new Sample("a", image, []), new Random(0));
        Assert.Equal((16, 24), (boxed.Image.Height, boxed.Image.Width));

        using var framed = new ConvolutionPredictor(network: new NetworkDescription { Input = input, Labels = 1, Stride = 4 });
        using var plain = new ConvolutionPredictor(network: new NetworkDescription { Labels = 1, Stride = 4 });
        FloatImage map = plain.Predict(boxed.Image).Probability;

        // 30×20 fits into 16×24 as 16×11, at column 6.
        var inner = new FloatImage(1, 16, 11);
        for (int y = 0; y < 16; y++)
        {
            map.Row(0, y).Slice(6, 11).CopyTo(inner.Row(0, y));
        }

        FloatImage expected = ImageResizer.Bilinear(inner, 30, 20);
        FloatImage actual = framed.Predict(image).Probability;
        Assert.Equal((1, 30, 20), (actual.Channels, actual.Height, actual.Width));
        Assert.Equal(0, Pictures.Difference(expected, actual));
        Assert.Equal((1, 16, 24), framed.Largest);
    }

    [Fact]
    public void Large_images_are_windowed_as_whole_ones_are()
    {
        PixelImage image = Pictures.Pixels(1, 40, 40, bits: 16);
        var input = new ModelInput { Channels = 3, Scaling = IntensityScaling.MinMax, Windows = [new(20000, 30000), null, null] };
        var options = new PredictorOptions { Tiles = new TileOptions { Size = (16, 16) } };
        using var predictor = new ConvolutionPredictor(options, new NetworkDescription { Input = input, Labels = 1, Stride = 4 });
        FloatImage whole = predictor.Predict(image).Probability;
        using var folder = new TemporaryFolder();
        using var sink = new RowSink();

        using var source = new PixelImageSource(image);
        predictor.PredictLarge(source, [sink], null, TestContext.Current.CancellationToken);

        Assert.Equal(0, Pictures.Difference(whole, sink.Image!));
    }

    [Fact]
    public void A_dataset_that_is_read_otherwise_than_the_network_expects_says_so()
    {
        FolderDatasetOptions reading = new FolderDatasetOptions().For(Full);

        Assert.Null(reading.Contradicts(Full with { Size = null, Fit = ImageFit.Resize, Mean = [] }));
        Assert.Contains("40", reading.Contradicts(Full with { Windows = [] })!.ToString(), StringComparison.Ordinal);
        Assert.NotNull(new FolderDatasetOptions().Contradicts(new ModelInput { Windows = [new(40, 400)] }));
        Assert.Contains(
            (reading with { Window = IntensityWindow.MinMax }).Validate(), problem => problem.Subject == nameof(reading.Input));
    }

    private sealed class RowSink : IPredictionSink
    {
        public FloatImage? Image { get; private set; }

        public void Begin(int height, int width, IReadOnlyList<double> thresholds) =>
            Image = new FloatImage(thresholds.Count, height, width);

        public void Write(PredictionRows rows)
        {
            for (int y = 0; y < rows.Probability.Height; y++)
            {
                rows.Probability.Row(0, y).CopyTo(Image!.Row(0, rows.Top + y));
            }
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }
}
