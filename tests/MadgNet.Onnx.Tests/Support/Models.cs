using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.HostModel;

namespace MadgNet.Onnx.Tests.Support;

/// <summary>Networks with weights that give every part of them something to do.</summary>
internal static class Models
{
    /// <summary>
    /// A decoder that is small in every way, on a whole encoder (the library has no smaller ones): little time goes into what
    /// the tests are about.
    /// </summary>
    public static MadgNetOptions Small { get; } = new()
    {
        Encoder = EncoderNames.ResNet50,
        SkipChannels = 8,
        DecoderChannels = [16, 16, 8, 8],
        DctSizes = [7, 7, 9, 14],
        Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 4, MinimumChannels = 8, MinimumResolution = 2 },
    };

    /// <summary>
    /// A network in evaluation mode with the golden values' rule for its weights, running statistics and α and β included.
    /// </summary>
    public static MadgNetModel Create(MadgNetOptions? options = null, string prefix = "onnx.")
    {
        var model = new MadgNetModel(options ?? Small);
        FixtureRule.Fill(model, prefix);
        model.eval();
        return model;
    }

    /// <summary>The smallest network that can be exported: a few thousand weights, on an encoder of the host's.</summary>
    public static MadgNetModel CreateTiny(MadgNetOptions? options = null, string prefix = "tiny.")
    {
        var model = new MadgNetModel(options ?? Tiny, new SmallEncoder(8, 12, 16));
        FixtureRule.Fill(model, prefix);
        model.eval();
        return model;
    }

    /// <summary>The options of the smallest network; its stride is 8.</summary>
    public static MadgNetOptions Tiny { get; } = new()
    {
        Encoder = EncoderNames.Custom,
        SkipChannels = 8,
        DecoderChannels = [12, 8],
        DctSizes = [7, 9],
        Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 4, MinimumChannels = 4, MinimumResolution = 2 },
    };

    /// <summary>The network of a golden file.</summary>
    public static MadgNetModel Create(Fixture fixture)
    {
        System.Text.Json.JsonElement config = fixture.Info.GetProperty("config");
        var options = new MadgNetOptions
        {
            Encoder = fixture.Info.GetProperty("backbone").GetString() switch
            {
                "resnest50" => EncoderNames.ResNeSt50,
                "resnet50" => EncoderNames.ResNet50,
                _ => EncoderNames.Res2Net50,
            },
            Labels = config.GetProperty("num_classes").GetInt32(),
            Input = new ModelInput { Channels = fixture.Info.GetProperty("input")[1].GetInt32() },
            Attention = new MultiFrequencyMultiScaleOptions
            {
                Scales = config.GetProperty("scale_branches").GetInt32(),
                Frequencies = config.GetProperty("frequency_branches").GetInt32(),
                Selection = config.GetProperty("frequency_selection").GetString() switch
                {
                    "top" => FrequencySelection.Top,
                    "low" => FrequencySelection.Low,
                    _ => FrequencySelection.Bottom,
                },
                MinimumChannels = config.GetProperty("min_channel").GetInt32(),
                MinimumResolution = config.GetProperty("min_resolution").GetInt32(),
            },
        };
        return Create(options, fixture.Prefix);
    }
}
