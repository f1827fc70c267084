using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using MadgNet.Onnx.Tests.Support;
using MadgNet.Pretrained.ResNet18;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Tests.Weights;

/// <summary>The encoder with the package's weights computes what ONNX Runtime computes from the file that they were published in.</summary>
public class PretrainedFeatureTests
{
    private const int Side = 224;

    /// <summary>The published preprocessing: BGR, 0 to 255, minus the mean, here of each channel.</summary>
    private static readonly double[] Mean = [103.0626, 115.9029, 123.1516];

    [Fact]
    public void Features_of_real_images_are_those_of_ONNX_Runtime()
    {
        string[] images = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "nuclei"), "*.png").Order().Take(3)];
        Assert.Equal(3, images.Length);
        Compare(images);
    }

    [Fact]
    public void Features_of_colonoscopies_are_those_of_ONNX_Runtime() =>
        Compare([.. Directory.GetFiles(SharedFolder.Require("data/kvasir_seg/images")).Order(StringComparer.Ordinal).Take(2)]);

    [Fact]
    public void A_network_saved_with_the_weights_loads_without_them()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("network.safetensors");
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor image = FixtureRule.Tensor("image", [1, 3, 64, 64], 0, 1);
        Tensor expected;
        MadgNetBuilder builder = new MadgNetBuilder().WithPretrained(ResNet18Weights.ImageNet).WithSeed(3);
        using (MadgNetModel model = builder.Build(out WeightLoadReport? report))
        {
            Assert.Equal(110, report!.Loaded.Count);
            Assert.Empty(report.Missing);
            Assert.Equal(EncoderNames.ResNet18Cntk, model.Options.Encoder);
            model.eval();
            model.Save(path);
            expected = model.Predict(image);
        }

        using SegmentationModel loaded = SegmentationModel.Load(path);
        Assert.Equal(Mean, loaded.Input.Mean);
        Assert.Equal(0, OnnxRun.Difference(expected, loaded.Predict(image)));

        // Folded, and exported.
        using InferenceModel inference = loaded.ForInference();
        double largest = Math.Max(1, expected.abs().max().item<float>());
        Assert.InRange(OnnxRun.Difference(expected, inference.Predict(image)), 0, 1e-4 * largest);
        OnnxRun.AssertAgrees((MadgNetModel)loaded, new OnnxExportOptions { InputSize = (64, 64), Sigmoid = false }, image);
    }

    [Fact]
    public void The_file_tells_licence_and_origin()
    {
        PretrainedEncoder pretrained = ResNet18Weights.ImageNet;
        Assert.Empty(pretrained.Validate());
        Assert.Contains("MIT", pretrained.Licence, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.DnnImageFeaturizer.ResNet18", pretrained.Source, StringComparison.Ordinal);
        Assert.Contains("ImageNet", pretrained.TrainedOn, StringComparison.Ordinal);
        Assert.Equal(3, pretrained.Notes().Count);
    }

    private static void Compare(IReadOnlyList<string> images)
    {
        using InferenceSession session = OnnxRun.Open(PublishedResNet18.WithLevels());
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        PretrainedEncoder pretrained = ResNet18Weights.ImageNet;
        using var encoder = new ResNetEncoder(ResNetDepth.ResNet18Cntk, inputChannels: 3);
        encoder.LoadWeights(pretrained.Weights, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });
        encoder.eval();
        var reader = new ImageReader();
        foreach (string path in images)
        {
            FloatImage image = pretrained.Input.Prepare(reader.Read(path));
            Tensor whole = tensor(image.Data.ToArray(), [1, 3, image.Height, image.Width]);
            Tensor rgb = nn.functional.interpolate(whole, [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false);

            // What the published preprocessing does, computed apart; and what the library does by itself.
            Tensor mean = tensor([.. Mean.Select(value => (float)value)], [1, 3, 1, 1]);
            Tensor expectedInput = (rgb.index_select(1, tensor(new long[] { 2, 1, 0 })) * 255f) - mean;
            Tensor input = pretrained.Input.Normalize(rgb);
            Assert.InRange(OnnxRun.Difference(expectedInput, input), 0, 1e-4);
            Dictionary<string, Tensor> expected = Levels(session, expectedInput);
            encoder.to(ScalarType.Float32);
            IReadOnlyList<Tensor> single = encoder.Encode(input);
            encoder.to(ScalarType.Float64);
            IReadOnlyList<Tensor> exact = encoder.Encode(input.to(ScalarType.Float64));
            for (int level = 0; level < exact.Count; level++)
            {
                Tensor wanted = expected[PublishedResNet18.Levels[level]];
                double difference = OnnxRun.Difference(wanted, exact[level].to(ScalarType.Float32));
                Assert.True(difference <= 1e-4, $"level {level} of {path} differs by {difference:G4} from double precision");

                // In single precision both round, and values go up to some dozens: 1e-5 of the largest.
                double largest = Math.Max(1, wanted.abs().max().item<float>());
                difference = OnnxRun.Difference(wanted, single[level]);
                Assert.True(difference <= 1e-5 * largest, $"level {level} of {path} differs by {difference:G4} of {largest:G4}");
            }
        }
    }

    private static Dictionary<string, Tensor> Levels(InferenceSession session, Tensor input)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input.contiguous().data<float>().ToArray(), input.shape);
        using var run = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, session.InputNames, [value], PublishedResNet18.Levels);
        return PublishedResNet18.Levels
            .Select((name, i) => (name, outputs[i]))
            .ToDictionary(
                pair => pair.name,
                pair => tensor(
                    pair.Item2.GetTensorDataAsSpan<float>().ToArray(), pair.Item2.GetTensorTypeAndShape().Shape));
    }
}
