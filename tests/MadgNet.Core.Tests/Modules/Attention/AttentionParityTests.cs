using System.Text.Json;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

/// <summary>Blocks against the authors' code. Tolerance: 1e-5 of the largest value, what float32 on another build allows.</summary>
public class AttentionParityTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Multi_frequency_channel_attention_equals_the_published(int index)
    {
        using Fixture fixture = Fixture.Open($"mfca_{index}");
        JsonElement info = fixture.Info;
        using var attention = new MultiFrequencyChannelAttention(
            info.GetProperty("channels").GetInt64(),
            info.GetProperty("dct").GetInt32(),
            info.GetProperty("frequencies").GetInt32(),
            Selection(info));
        FixtureRule.Fill(attention, fixture.Prefix);
        using var scope = NewDisposeScope();
        Tensor input = fixture.Input().requires_grad_();
        Tensor output = attention.call(input);
        output.backward([FixtureRule.Tensor(fixture.Prefix + "grad_output", output.shape, -1, 1)]);

        Close.Relative(fixture["output"], output, Tolerance, "output");
        Close.Relative(fixture["grad_input"], input.grad!, Tolerance, "gradient of the input");
        Dictionary<string, Tensor> state = attention.state_dict();
        Close.Relative(fixture["grad_fc0"], state["fc.0.weight"].grad!, Tolerance, "gradient of fc.0");
        Close.Relative(fixture["grad_fc2"], state["fc.2.weight"].grad!, Tolerance, "gradient of fc.2");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Multi_frequency_multi_scale_attention_equals_the_published(int index)
    {
        using Fixture fixture = Fixture.Open($"mfmsa_{index}");
        using var block = new MultiFrequencyMultiScaleAttention(fixture.Info.GetProperty("channels").GetInt64(), Options(fixture.Info));
        FixtureRule.Fill(block, fixture.Prefix);
        using var scope = NewDisposeScope();
        block.eval();
        Tensor input = fixture.Input().requires_grad_();
        Close.Relative(fixture["output_eval"], block.call(input), Tolerance, "output in evaluation mode");

        block.train();
        Tensor output = block.call(input);
        output.backward([FixtureRule.Tensor(fixture.Prefix + "grad_output", output.shape, -1, 1)]);
        Close.Relative(fixture["output_train"], output, Tolerance, "output in training mode");
        Close.Relative(fixture["grad_input"], input.grad!, Tolerance, "gradient of the input");
        Dictionary<string, Tensor> state = block.state_dict();
        // Each is a cancelling sum over every value of the map, so its rounding error does not shrink with the sum: they
        // are compared as one vector, against the largest of them.
        string[] names = [.. Enumerable.Range(0, block.Options.Scales).SelectMany(scale => new[] { $"alpha{scale}", $"beta{scale}" })];
        Tensor expected = cat([.. names.Select(name => fixture["grad_" + name])]);
        Tensor actual = cat([.. names.Select(name => state[$"{name[..^1]}_list.{name[^1]}"].grad!)]);
        Close.Relative(expected, actual, Tolerance, "gradients of α and β");
    }

    [Fact]
    public void Decoder_stage_equals_the_published()
    {
        using Fixture fixture = Fixture.Open("decoder_stage");
        using var stage = new DecoderStage(256, 64, 128, Options(fixture.Info));
        FixtureRule.Fill(stage, fixture.Prefix);
        stage.eval();
        using var scope = NewDisposeScope();
        Tensor deep = FixtureRule.Tensor(fixture.Prefix + "input", [1, 256, 6, 8], -1, 1);
        Tensor skip = FixtureRule.Tensor(fixture.Prefix + "skip", [1, 64, 12, 16], -1, 1);
        Close.Relative(fixture["output"], stage.call(deep, skip), Tolerance, "output");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Ensemble_sub_decoder_equals_the_published(int index)
    {
        using Fixture fixture = Fixture.Open($"esdm_{index}");
        JsonElement info = fixture.Info;
        using var decoder = new EnsembleSubDecoder(
            info.GetProperty("channels").GetInt64(),
            info.GetProperty("classes").GetInt32(),
            info.GetProperty("upscale").GetInt32());
        FixtureRule.Fill(decoder, fixture.Prefix);
        using var scope = NewDisposeScope();
        Tensor input = fixture.Input().requires_grad_();
        TaskMaps maps = decoder.call(input);
        (maps.Region.sum() + (2 * maps.Distance!.sum()) + (3 * maps.Boundary!.sum())).backward();

        Close.Relative(fixture["region"], maps.Region, Tolerance, "region");
        Close.Relative(fixture["distance"], maps.Distance!, Tolerance, "distance");
        Close.Relative(fixture["boundary"], maps.Boundary!, Tolerance, "boundary");
        Close.Relative(fixture["grad_input"], input.grad!, Tolerance, "gradient of the input");
    }

    [Theory]
    [InlineData("resnest50")]
    [InlineData("resnet50")]
    [InlineData("res2net50_v1b_26w_4s")]
    public void Encoder_equals_the_published(string name)
    {
        using Fixture fixture = Fixture.Open($"backbone_{name}");
        using ResidualEncoder backbone = name switch
        {
            "resnest50" => new ResNeStEncoder(),
            "resnet50" => new ResNetEncoder(),
            _ => new Res2NetEncoder(),
        };
        FixtureRule.Fill(backbone, fixture.Prefix);
        backbone.eval();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        IReadOnlyList<Tensor> levels = backbone.Encode(fixture.Input());
        // The file counts layer3, layer2, layer1, stem, layer4; the library from the stem to layer4.
        int[] order = [3, 2, 1, 0, 4];
        for (int feature = 0; feature < order.Length; feature++)
        {
            Tensor level = levels[order[feature]];
            Assert.Equal(fixture[$"feature{feature}_shape"].data<long>().ToArray(), level.shape);
            Close.Relative(fixture[$"feature{feature}_sample"], Sample(level, 256), Tolerance, $"feature {feature}");
        }
    }

    internal static Tensor Sample(Tensor tensor, long count)
    {
        Tensor flat = tensor.detach().flatten();
        long step = Math.Max(1, flat.numel() / count);
        return flat[TensorIndex.Slice(0, step * count, step)];
    }

    internal static FrequencySelection Selection(JsonElement info) => info.GetProperty("selection").GetString() switch
    {
        "top" => FrequencySelection.Top,
        "low" => FrequencySelection.Low,
        "bot" => FrequencySelection.Bottom,
        string other => throw new InvalidDataException(other),
        null => throw new InvalidDataException(),
    };

    private static MultiFrequencyMultiScaleOptions Options(JsonElement info) => new()
    {
        Scales = info.GetProperty("scales").GetInt32(),
        Frequencies = info.GetProperty("frequencies").GetInt32(),
        Selection = Selection(info),
        MinimumChannels = info.GetProperty("min_channel").GetInt32(),
        MinimumResolution = info.GetProperty("min_resolution").GetInt32(),
    };
}
