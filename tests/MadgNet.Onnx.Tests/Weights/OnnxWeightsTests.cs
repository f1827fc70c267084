using Google.Protobuf;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using MadgNet.Onnx.Tests.Support;
using MadgNet.Onnx.Weights;
using MadgNet.Pretrained.ResNet18;
using Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Tests.Weights;

/// <summary>Encoders' weights out of ONNX files: by their names, or by the order and shapes of the convolutions.</summary>
public class OnnxWeightsTests
{
    [Fact]
    public void A_file_without_names_gives_the_weights_that_the_package_has()
    {
        using var encoder = new ResNetEncoder(ResNetDepth.ResNet18Cntk, inputChannels: 3);
        using WeightArchive archive = OnnxWeights.OpenFor(PublishedResNet18.Path, encoder);
        using WeightArchive package = WeightArchive.Open(ResNet18Weights.FindFile());
        Assert.Equal(package.Names.Order(StringComparer.Ordinal), archive.Names.Order(StringComparer.Ordinal));
        foreach (string name in package.Names)
        {
            using Tensor expected = package.Load(name);
            using Tensor actual = archive.Load(name);

            // ε is stored as 9.99999975e-6: the variance takes what it lacks to 1e-5 only where that could be seen.
            Assert.Equal(0, OnnxRun.Difference(expected, actual));
        }
    }

    [Theory]
    [InlineData(EncoderNames.ResNet18)]
    [InlineData(EncoderNames.ResNet34)]
    [InlineData(EncoderNames.ResNet50)]
    [InlineData(EncoderNames.Res2Net50)]
    public void Weights_with_normalisation_folded_in_give_the_same_features(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("network.onnx");
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor image = FixtureRule.Tensor("image", [1, 3, 64, 64], 0, 1);
        Tensor[] expected;
        using (var model = new UNet(new UNetOptions { Encoder = name, DecoderChannels = [4, 4, 4, 4] }))
        {
            // Normalisations that do something, else folding would not be seen.
            foreach ((string key, Tensor state) in model.state_dict().Where(pair => pair.Value.dim() == 1))
            {
                using Tensor values = FixtureRule.Tensor(key, state.shape, 0.5, 1);
                state.copy_(values);
            }

            model.eval();
            OnnxExporter.Export(model, path, new OnnxExportOptions { InputSize = (64, 64) });
            expected = [.. model.Encoder.Encode(image)];
        }

        Assert.Equal(name, OnnxWeights.Recognize(path));
        IEncoder fresh = ModelRegistry.BuiltIn.Get<EncoderEntry>(name).Create(3);
        using var module = (nn.Module)fresh;
        using (WeightArchive archive = OnnxWeights.OpenFor(path, fresh))
        {
            WeightLoadReport report = WeightLoader.Load(
                archive, module.state_dict(), new WeightLoadOptions { Mode = WeightLoadMode.Encoder });
            Assert.Empty(report.Missing);
        }

        module.eval();
        IReadOnlyList<Tensor> actual = fresh.Encode(image);
        for (int level = 0; level < expected.Length; level++)
        {
            // Folded once there, and not at all here: rounding of up to fifty layers.
            double largest = Math.Max(1, expected[level].abs().max().item<float>());
            Assert.InRange(OnnxRun.Difference(expected[level], actual[level]), 0, 1e-4 * largest);
        }
    }

    [Fact]
    public void A_larger_encoder_is_not_taken_for_the_smaller_one_that_it_begins_as()
    {
        Assert.Equal(EncoderNames.ResNet18Cntk, OnnxWeights.Recognize(PublishedResNet18.Path));
        using var encoder = new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3);
        Assert.Throws<WeightFileException>(() => OnnxWeights.OpenFor(PublishedResNet18.Path, encoder));
    }

    [Fact]
    public void A_file_of_another_encoder_says_what_it_looks_like()
    {
        using var encoder = new ResNetEncoder(ResNetDepth.ResNet34, inputChannels: 3);
        WeightFileException exception = Assert.Throws<WeightFileException>(() => OnnxWeights.OpenFor(PublishedResNet18.Path, encoder));
        Assert.Contains("resnet18_cntk", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ResNetEncoder with 36 convolutions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_are_read_by_their_names()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, Pair(2));
        using WeightArchive archive = OnnxWeights.Open(path);
        Assert.Equal(["a"], archive.Names);
        using Tensor values = archive.Load("a");
        Assert.Equal([1f, 2f], values.data<float>().ToArray());
        Assert.Null(OnnxWeights.Recognize(path));
    }

    [Fact]
    public void Damaged_foreign_and_divided_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        string garbage = folder.File("garbage.onnx");
        File.WriteAllText(garbage, "no ONNX at all");
        foreach (string path in new[]
        {
            garbage,
            folder.File("absent.onnx"),
            Write(folder, Pair(3)),
            Write(folder, new TensorProto
            {
                Name = "a",
                DataType = (int)TensorProto.Types.DataType.Float,
                Dims = { 3 },
                DataLocation = TensorProto.Types.DataLocation.External,
            }),
        })
        {
            WeightFileException exception = Assert.Throws<WeightFileException>(() => OnnxWeights.Open(path).Dispose());
            Assert.Equal(path, exception.Path);
        }
    }

    [Fact]
    public void Half_of_a_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        string half = folder.File("half.onnx");
        File.WriteAllBytes(half, File.ReadAllBytes(PublishedResNet18.Path)[..1_000_000]);
        Assert.Throws<WeightFileException>(() => OnnxWeights.Open(half).Dispose());
    }

    /// <summary>Two values, and how many the shape claims.</summary>
    private static TensorProto Pair(int claimed) => new()
    {
        Name = "a",
        DataType = (int)TensorProto.Types.DataType.Float,
        Dims = { claimed },
        FloatData = { 1, 2 },
    };

    private static string Write(TemporaryFolder folder, TensorProto tensor)
    {
        string path = folder.File($"{Guid.NewGuid():N}.onnx");
        var model = new ModelProto
        {
            IrVersion = 3,
            Graph = new GraphProto
            {
                Name = "graph",
                Node = { new NodeProto { OpType = "Identity", Input = { "a" }, Output = { "b" } } },
                Initializer = { tensor },
            },
        };
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}
