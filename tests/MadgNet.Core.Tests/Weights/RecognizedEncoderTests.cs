using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public class RecognizedEncoderTests
{
    private const string Own = "feature_encoding.";

    public static TheoryData<string> Encoders => [.. RecognizedEncoder.Encoders];

    [Fact]
    public void The_encoders_that_are_recognised_are_those_of_the_registry_but_for_the_classic_one() => Assert.Equal(
        ModelRegistry.BuiltIn.Encoders.Select(entry => entry.Name).Where(name => name != EncoderNames.UNet).Order(),
        RecognizedEncoder.Encoders.Order());

    [Theory]
    [MemberData(nameof(Encoders))]
    public void An_encoder_is_recognised_with_classifier_and_below_any_prefix(string name)
    {
        using var module = (nn.Module)ModelRegistry.BuiltIn.Get<EncoderEntry>(name).Create(3);
        Dictionary<string, Tensor> state = module.state_dict();
        using Tensor classifier = zeros(10, 512);
        foreach (string prefix in new[] { "", Own, "model.encoder." })
        {
            using var archive = WeightArchive.From([
                .. state.Select(pair => KeyValuePair.Create(prefix + pair.Key, pair.Value)),
                KeyValuePair.Create("fc.weight", classifier),
            ]);
            Assert.Equal(name, RecognizedEncoder.Of(archive)?.Encoder);
        }
    }

    [Theory]
    [InlineData("blocks.0.attn.qkv.weight", "vision transformer")]
    [InlineData("features.denseblock1.denselayer1.conv1.weight", "DenseNet")]
    [InlineData("features.0.weight", "VGG")]
    [InlineData("layer1.0.conv1.weight", "residual network of 1, 0, 0, 0 blocks")]
    public void Other_networks_are_called_by_their_names(string tensor, string expected)
    {
        using Tensor values = zeros(1);
        using var archive = WeightArchive.From([KeyValuePair.Create(tensor, values)]);
        RecognizedEncoder? found = RecognizedEncoder.Of(archive);
        Assert.Null(found?.Encoder);
        Assert.Contains(expected, found?.Description);
    }

    [Theory]
    [InlineData("layer1.0.se.fc1.weight", 64, 64, "squeeze and excitation")]
    [InlineData(null, 128, 4, "ResNeXt")]
    [InlineData(null, 128, 128, "Wide ResNet")]
    public void Relatives_of_the_bottleneck_network_are_told_from_it(string? further, int width, int input, string expected)
    {
        using DisposeScope scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["layer1.0.conv2.weight"] = zeros(width, input, 3, 3),
            ["layer1.0.conv3.weight"] = zeros(1),
        };
        foreach (string last in new[] { "layer1.2", "layer2.3", "layer3.5", "layer4.2" })
        {
            tensors.Add(last + ".conv1.weight", zeros(1));
        }

        if (further is not null)
        {
            tensors.Add(further, zeros(1));
        }

        using var archive = WeightArchive.From(tensors);
        RecognizedEncoder? found = RecognizedEncoder.Of(archive);
        Assert.Null(found?.Encoder);
        Assert.Contains(expected, found?.Description);
    }

    [Fact]
    public void Nothing_is_said_of_names_that_nothing_is_known_of()
    {
        using Tensor values = zeros(1);
        using var archive = WeightArchive.From([KeyValuePair.Create("a.b", values)]);
        Assert.Null(RecognizedEncoder.Of(archive));
    }

    [Fact]
    public void A_file_of_another_encoder_is_refused_with_what_it_looks_like()
    {
        using var smaller = new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3);
        using var larger = new ResNetEncoder(ResNetDepth.ResNet18Cntk, inputChannels: 3);
        using var archive = WeightArchive.From(smaller.state_dict());
        WeightLoadException exception = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            archive, larger.state_dict(), new WeightLoadOptions { Mode = WeightLoadMode.Encoder }));
        Assert.Equal(EncoderNames.ResNet18, exception.Report.LooksLike?.Encoder);
        BlockProperty.FollowsTheMessageRule(exception, "looks like ResNet-18", "Choose the encoder 'resnet18'");
    }

    [Fact]
    public void An_ONNX_file_is_called_one()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.onnx", [0x08, 0x07, 0x12, 0x07, .. "pytorch"u8]);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<WeightFileException>(() => WeightArchive.Open(path)), "looks like ONNX", "OnnxWeights");
    }
}
