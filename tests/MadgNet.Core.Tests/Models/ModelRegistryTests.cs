using MadgNet.Core.Foundation;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Models;

public class ModelRegistryTests
{
    [Fact]
    public void The_built_in_parts_have_the_names_that_files_and_the_tool_use()
    {
        ModelRegistry registry = ModelRegistry.BuiltIn;
        Assert.Equal(
            ["resnest50", "resnet18", "resnet18_cntk", "resnet34", "resnet50", "res2net50", "unet"],
            registry.Encoders.Select(entry => entry.Name));
        Assert.Equal(["dct", "haar", "db2", "gap", "none"], registry.ChannelAttentions.Select(entry => entry.Name));
        Assert.Equal(["mssa", "none"], registry.SpatialAttentions.Select(entry => entry.Name));
        Assert.Equal(["ensemble", "parallel", "region"], registry.SubDecoders.Select(entry => entry.Name));
        Assert.Equal(["madgnet", "unet"], registry.Architectures.Select(entry => entry.Name));
    }

    [Fact]
    public void Adding_makes_another_registry_and_a_name_twice_replaces()
    {
        ModelRegistry more = ModelRegistry.BuiltIn.With(new EncoderEntry("small", channels => new HostEncoder(channels)));
        ModelRegistry replaced = more.With(new EncoderEntry("small", channels => new HostEncoder(channels)) { Description = "second" });

        Assert.DoesNotContain(ModelRegistry.BuiltIn.Encoders, entry => entry.Name == "small");
        Assert.Equal("second", replaced.Get<EncoderEntry>("small").Description);
        Assert.Single(replaced.Encoders, entry => entry.Name == "small");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Small")]
    [InlineData("a b")]
    [InlineData("é")]
    public void A_name_that_files_cannot_carry_is_refused(string name) =>
        BlockProperty.FollowsTheMessageRule(Assert.Throws<InvalidOptionsException>(() => ModelRegistry.BuiltIn.With(new EncoderEntry(
            name, channels => new HostEncoder(channels)))));

    [Fact]
    public void A_name_that_is_not_there_is_told_with_the_nearest()
    {
        InvalidOptionsException exception =
            Assert.Throws<InvalidOptionsException>(() => ModelRegistry.BuiltIn.Get<EncoderEntry>("resnet81"));
        BlockProperty.FollowsTheMessageRule(exception, "resnet81", "Did you mean 'resnet18'?");
    }

    [Fact]
    public void Unknown_names_of_a_network_are_listed_together()
    {
        InvalidOptionsException exception = Assert.Throws<InvalidOptionsException>(
            () => new MadgNetModel(new MadgNetOptions
            {
                Encoder = "vgg",
                ChannelAttention = "fft",
                SpatialAttention = "x",
                SubDecoder = "y"
            }));
        Assert.Equal(
            ["Encoder", "ChannelAttention", "SpatialAttention", "SubDecoder"], exception.Problems.Select(problem => problem.Subject));
        Assert.Equal(
            ["Encoder", "ChannelAttention", "SpatialAttention", "SubDecoder"],
            Assert.Throws<InvalidOptionsException>(() => new UNet(new UNetOptions
            {
                Encoder = "vgg",
                ChannelAttention = "fft",
                SpatialAttention = "x",
                SubDecoder = "y"
            }))
                .Problems.Select(problem => problem.Subject));
    }

    [Theory]
    [InlineData(EncoderNames.ResNet18, 32)]
    [InlineData(EncoderNames.ResNet18Cntk, 32)]
    [InlineData(EncoderNames.ResNet34, 32)]
    [InlineData(EncoderNames.UNet, 16)]
    public void The_built_in_encoders_stand_under_a_U_Net(string encoder, int stride)
    {
        using var model = new UNet(new UNetOptions { Encoder = encoder, DecoderChannels = [4, 4, 4, 4] });
        Assert.Equal(stride, model.Stride);
        Assert.True(model.IsEncoderParameter(model.named_parameters().First().name));
        Assert.Contains(model.named_parameters(), parameter => !model.IsEncoderParameter(parameter.name));
    }

    [Fact]
    public void The_classic_U_Net_has_the_widths_of_its_paper()
    {
        using var model = new UNet();
        Assert.Equal([64L, 128, 256, 512, 1024], model.Encoder.Levels.Select(level => level.Channels));
        Assert.Equal([512L, 256, 128, 64], model.DecoderLevels.Select(level => level.OutputChannels));
    }
}
