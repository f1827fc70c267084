using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Models;

public class MadgNetOptionsTests
{
    [Fact]
    public void Defaults_are_the_published_and_valid()
    {
        var options = new MadgNetOptions();
        Assert.Equal(EncoderNames.ResNeSt50, options.Encoder);
        Assert.Equal([256, 128, 64, 32], options.DecoderChannels);
        Assert.Equal((64, 1, 3, 0.1), (options.SkipChannels, options.Labels, options.Input.Channels, options.BatchNormMomentum));
        Assert.Equal(
            (SubDecoderNames.Ensemble, InputNormalization.None, IntensityScaling.FullRange),
            (options.SubDecoder, options.Input.Normalization, options.Input.Scaling));
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void JSON_keeps_every_option()
    {
        MadgNetOptions options = Unusual();
        MadgNetOptions copy = MadgNetOptions.FromJson(options.ToJson());
        Assert.Equal(options.ToJson(), copy.ToJson());
        Assert.Equal(options, copy);
        Assert.Equal([300, 20], copy.DctSizes);
        Assert.Equal(["cup", "disc"], copy.LabelNames);
        Assert.Equal(7, copy.Attention.Frequencies);
        Assert.Equal(0.3, copy.BatchNormMomentum);
    }

    [Fact]
    public void Options_are_equal_by_value_and_differ_in_any_part()
    {
        Assert.Equal(Unusual(), Unusual());
        Assert.Equal(Unusual().GetHashCode(), Unusual().GetHashCode());
        Assert.NotEqual(Unusual(), Unusual() with { DctSizes = [300, 21] });
        Assert.NotEqual(Unusual(), Unusual() with { LabelNames = ["disc", "cup"] });
        Assert.NotEqual(Unusual(), Unusual() with { Attention = Unusual().Attention with { MinimumResolution = 9 } });
        Assert.False(Unusual().Equals(null));
    }

    [Fact]
    public void Options_that_cannot_be_built_from_still_compare()
    {
        var options = new MadgNetOptions { BatchNormMomentum = double.NaN };
        Assert.Equal(options, new MadgNetOptions { BatchNormMomentum = double.NaN });
        Assert.NotEqual(options, new MadgNetOptions());
    }

    [Fact]
    public void A_list_changed_by_its_owner_does_not_change_the_options()
    {
        int[] channels = [8, 8, 8, 8];
        var options = new MadgNetOptions { DecoderChannels = channels };
        channels[0] = -1;
        Assert.Equal([8, 8, 8, 8], options.DecoderChannels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("{\"Unknown\":1}")]
    [InlineData("{\"Labels\":\"two\"}")]
    [InlineData("{\"Labels\":2.5}")]
    [InlineData("{\"Labels\":99999999999}")]
    [InlineData("{\"Encoder\":17}")]
    [InlineData("{\"Labels\":1,\"Labels\":2}")]
    [InlineData("{\"Attention\":{\"Frequency\":3}}")]
    public void Text_that_is_no_options_is_refused(string json) =>
        BlockProperty.FollowsTheMessageRule(Assert.Throws<InvalidOptionsException>(() => MadgNetOptions.FromJson(json)), "options JSON");

    [Theory]
    [InlineData("{\"Labels\":0}", "Labels")]
    [InlineData("{\"Encoder\":null}", "Encoder")]
    [InlineData("{\"Attention\":null}", "Attention")]
    [InlineData("{\"DctSizes\":null}", "DctSizes")]
    [InlineData("{\"LabelNames\":[null]}", "LabelNames")]
    [InlineData("{\"Attention\":{\"Scales\":0}}", "Attention.Scales")]
    public void JSON_of_options_that_cannot_be_built_from_is_refused(string json, string subject)
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => MadgNetOptions.FromJson(json));
        Assert.Equal(subject, Assert.Single(exception.Problems).Subject);
        BlockProperty.FollowsTheMessageRule(exception);
    }

    [Fact]
    public void All_problems_are_listed_at_once()
    {
        var options = new MadgNetOptions
        {
            Encoder = "resnet9",
            SubDecoder = "triple",
            ChannelAttention = "fft",
            SpatialAttention = "all",
            Input = new ModelInput { Normalization = (InputNormalization)9, Scaling = (IntensityScaling)9, Channels = 0 },
            Labels = 0,
            SkipChannels = 0,
            LabelNames = ["a"],
            DecoderChannels = [],
            DctSizes = [6],
            BatchNormMomentum = 0,
            Attention = new MultiFrequencyMultiScaleOptions { Scales = 0, Frequencies = 33 },
        };
        string[] subjects = [.. options.Validate(ModelRegistry.BuiltIn)
            .Select(problem => problem.Subject)
            .Distinct()
            .Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["Attention.Frequencies", "Attention.Scales", "BatchNormMomentum", "ChannelAttention", "DctSizes", "DecoderChannels", "Encoder",
                "Input.Channels", "Input.Normalization", "Input.Scaling", "LabelNames", "Labels", "SkipChannels", "SpatialAttention",
                "SubDecoder"],
            subjects);
        BlockProperty.FollowsTheMessageRule(new InvalidOptionsException("MadgNetModel", options.Validate(ModelRegistry.BuiltIn)), subjects);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.1)]
    [InlineData(1.0001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_momentum_out_of_range_is_a_problem(double momentum) =>
        Assert.Equal("BatchNormMomentum", Assert.Single(new MadgNetOptions { BatchNormMomentum = momentum }.Validate()).Subject);

    [Fact]
    public void ImageNet_normalisation_needs_one_or_three_channels()
    {
        Assert.Empty(new MadgNetOptions
        {
            Input = new ModelInput { Normalization = InputNormalization.ImageNet, Channels = 1 }
        }.Validate());
        Assert.Equal(
            "Input.Normalization",
            Assert.Single(new MadgNetOptions
            {
                Input = new ModelInput { Normalization = InputNormalization.ImageNet, Channels = 4 }
            }.Validate()).Subject);
    }

    [Fact]
    public void Null_lists_are_problems_not_crashes()
    {
        var options = new MadgNetOptions
        {
            DecoderChannels = null!,
            LabelNames = null!,
            DctSizes = null!,
            Attention = null!,
            Input = null!,
            Encoder = null!
        };
        Assert.Equal(
            ["Attention", "DctSizes", "DecoderChannels", "Encoder", "Input", "LabelNames"],
            options.Validate().Select(problem => problem.Subject).Order(StringComparer.Ordinal));
    }

    private static MadgNetOptions Unusual() => new()
    {
        Encoder = EncoderNames.Custom,
        Input = new ModelInput { Channels = 5, Scaling = IntensityScaling.MinMax, Size = new ImageSize(64, 96) },
        ChannelAttention = AttentionNames.Haar,
        SpatialAttention = AttentionNames.None,
        Labels = 2,
        LabelNames = ["cup", "disc"],
        Attention = new MultiFrequencyMultiScaleOptions
        {
            Scales = 2,
            Frequencies = 7,
            Selection = FrequencySelection.Bottom,
            SpatialAttention = false,
            MinimumChannels = 5,
            MinimumResolution = 3,
            DctSize = 33,
        },
        DctSizes = [300, 20],
        SkipChannels = 17,
        DecoderChannels = [9, 11],
        SubDecoder = SubDecoderNames.Parallel,
        BatchNormMomentum = 0.3,
    };
}
