using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Models;

public class PretrainedEncoderTests
{
    [Fact]
    public void A_file_tells_which_encoder_it_is_of_and_what_it_says_of_itself()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("resnet18.safetensors");
        using (var encoder = new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3))
        {
            encoder.SaveWeights(path, new Dictionary<string, string> { ["licence"] = "BSD-3-Clause", ["source"] = "torchvision 0.20" });
        }

        PretrainedEncoder pretrained = PretrainedEncoder.FromFile(path);
        Assert.Equal((EncoderNames.ResNet18, path), (pretrained.Encoder, pretrained.Weights));
        Assert.Equal(InputNormalization.ImageNet, pretrained.Input.Normalization);
        Assert.Equal(("BSD-3-Clause", "torchvision 0.20", null), (pretrained.Licence, pretrained.Source, pretrained.TrainedOn));
        Assert.Equal(["pretrained weights, source", "pretrained weights, licence"], pretrained.Notes().Keys);

        // Encoder, input and weights come together; what an input says of files stays the network's own.
        using MadgNetModel model = new MadgNetBuilder()
            .WithInput(input => input with { Scaling = IntensityScaling.MinMax })
            .WithPretrained(pretrained)
            .Build(out WeightLoadReport? report);
        Assert.Equal(EncoderNames.ResNet18, model.Options.Encoder);
        Assert.Equal((IntensityScaling.MinMax, InputNormalization.ImageNet), (model.Input.Scaling, model.Input.Normalization));
        Assert.Equal(WeightLoadMode.Encoder, report!.Mode);
        Assert.Equal(120, report.Loaded.Count);
    }

    [Fact]
    public void CNTKs_encoder_takes_images_as_CNTK_gave_them()
    {
        PretrainedEncoder pretrained = PretrainedEncoder.ImageNet(EncoderNames.ResNet18Cntk, "weights.safetensors");
        Assert.Equal((ChannelOrder.Bgr, ValueRange.ZeroTo255), (pretrained.Input.ChannelOrder, pretrained.Input.ValueRange));
        Assert.Equal(3, pretrained.Input.Mean.Count);
        Assert.Empty(pretrained.Input.StandardDeviation);
        UNetOptions options = Assert.IsType<UNetOptions>(pretrained.ApplyTo(new UNetOptions { Labels = 2 }));
        Assert.Equal((EncoderNames.ResNet18Cntk, 2, ChannelOrder.Bgr), (options.Encoder, options.Labels, options.Input.ChannelOrder));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void A_file_of_no_encoder_says_what_it_looks_like()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("vit.safetensors");
        using Tensor values = zeros(1);
        SafetensorsFile.Save(path, [KeyValuePair.Create("blocks.0.attn.qkv.weight", values)]);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<WeightFileException>(() => PretrainedEncoder.FromFile(path)), "vision transformer", "resnet18_cntk");
    }

    [Fact]
    public void What_is_missing_is_told_all_at_once()
    {
        var pretrained = new PretrainedEncoder { Encoder = " ", Weights = "/no/such/file.safetensors", Input = null! };
        Assert.Equal(["Encoder", "Weights", "Input"], pretrained.Validate().Select(problem => problem.Subject));
        Assert.Throws<InvalidOptionsException>(() => new MadgNetBuilder().WithPretrained(pretrained));
    }
}
