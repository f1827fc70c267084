using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Onnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Tests;

/// <summary>Exported networks against the networks themselves, and against the values that the authors' code computed.</summary>
public class OnnxExporterParityTests
{
    public static TheoryData<string> Networks => ["madgnet_resnest50", "madgnet_gray", "madgnet_resnet50", "madgnet_res2net50"];

    /// <summary>Every option of a network that changes its graph, and pairs of them that meet in one place.</summary>
    public static TheoryData<string, MadgNetOptions> Configurations
    {
        get
        {
            MadgNetOptions small = Models.Small;
            MultiFrequencyMultiScaleOptions attention = small.Attention;
            var data = new TheoryData<string, MadgNetOptions>();
            void Add(string name, MadgNetOptions options) => data.Add(name, options);
            Add("one scale", small with { Attention = attention with { Scales = 1 } });
            Add("four scales, narrow", small with
            {
                Attention = attention with { Scales = 4, MinimumChannels = 1, MinimumResolution = 1 }
            });
            Add("no channel attention", small with { Attention = attention with { Frequencies = 0 } });
            Add("one frequency", small with { Attention = attention with { Frequencies = 1 } });
            Add("32 low frequencies", small with { Attention = attention with { Frequencies = 32, Selection = FrequencySelection.Low } });
            Add("16 bottom frequencies", small with
            {
                Attention = attention with { Frequencies = 16, Selection = FrequencySelection.Bottom }
            });
            Add("no spatial attention", small with { Attention = attention with { SpatialAttention = false } });
            Add("neither attention", small with { Attention = attention with { SpatialAttention = false, Frequencies = 0 } });
            Add("minimum resolution that nothing reaches", small with { Attention = attention with { MinimumResolution = 1000 } });
            Add("widths that no group divides", small with { DecoderChannels = [11, 6, 5, 3], SkipChannels = 7 });
            Add("published widths and DCT sizes", small with { DecoderChannels = [256, 128, 64, 32], DctSizes = [], SkipChannels = 64 });
            Add("three labels, parallel", small with { Labels = 3, SubDecoder = SubDecoderNames.Parallel });
            Add("two labels", small with { Labels = 2 });
            Add("gray", small with { Input = new ModelInput { Channels = 1 } });
            Add("gray, normalised", small with { Input = new ModelInput { Channels = 1, Normalization = InputNormalization.ImageNet } });
            Add("normalised", small with { Input = new ModelInput { Normalization = InputNormalization.ImageNet } });
            Add("BGR of 0 to 255 minus a mean", small with
            {
                Input = new ModelInput
                {
                    ChannelOrder = ChannelOrder.Bgr,
                    ValueRange = ValueRange.ZeroTo255,
                    Mean = [103.06, 115.90, 123.15],
                    StandardDeviation = [60],
                }
            });
            Add("gray, BGR with means", small with
            {
                Input = new ModelInput { Channels = 1, ChannelOrder = ChannelOrder.Bgr, Mean = [0.4, 0.5, 0.6] }
            });
            Add("five channels", small with { Input = new ModelInput { Channels = 5 } });
            Add("ResNeSt, gray", small with { Encoder = EncoderNames.ResNeSt50, Input = new ModelInput { Channels = 1 } });
            Add("Res2Net, two channels", small with { Encoder = EncoderNames.Res2Net50, Input = new ModelInput { Channels = 2 } });
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_golden_network_is_reproduced(string name)
    {
        using Fixture fixture = Fixture.Open(name);
        using MadgNetModel model = Models.Create(fixture);
        using Tensor input = fixture.Input();
        (int Height, int Width) size = ((int)input.size(2), (int)input.size(3));
        var options = new OnnxExportOptions { InputSize = size, Outputs = OnnxOutputs.All, Sigmoid = false };
        OnnxRun.AssertAgrees(model, options, input);

        using InferenceSession session = OnnxRun.Open(OnnxRun.Export(model, options with { Outputs = OnnxOutputs.Region }));
        using DisposeScope scope = NewDisposeScope();
        Tensor region = OnnxRun.Run(session, input)[OnnxExporter.RegionName];
        Tensor expected = fixture["eval_region"];
        double largest = expected.abs().max().item<float>();
        Assert.InRange(OnnxRun.Difference(expected, region), 0, 1e-4 * largest);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Every_configuration_is_reproduced_at_a_fixed_and_at_any_size(string name, MadgNetOptions options)
    {
        Assert.NotEmpty(name);
        using MadgNetModel model = Models.Create(options);
        using DisposeScope scope = NewDisposeScope();
        Tensor two = FixtureRule.Tensor("two", [2, options.Input.Channels, 64, 96], 0, 1);
        Tensor one = FixtureRule.Tensor("one", [1, options.Input.Channels, 64, 96], 0, 1);
        Tensor small = FixtureRule.Tensor("small", [1, options.Input.Channels, 32, 32], 0, 1);
        Tensor tall = FixtureRule.Tensor("tall", [1, options.Input.Channels, 160, 32], 0, 1);
        var export = new OnnxExportOptions { InputSize = (64, 96), Sigmoid = false };
        OnnxRun.AssertAgrees(model, export, two, one);
        OnnxRun.AssertAgrees(model, export with { InputSize = null, Outputs = OnnxOutputs.All }, two, small, tall);
    }
}
