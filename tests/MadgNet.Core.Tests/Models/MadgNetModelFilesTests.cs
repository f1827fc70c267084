using System.Text.Json;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Models;

public class MadgNetModelFilesTests
{
    [Theory]
    [InlineData("madgnet_resnest50")]
    [InlineData("madgnet_resnet50")]
    [InlineData("madgnet_res2net50")]
    public void A_checkpoint_in_the_authors_format_loads_by_itself_and_predicts_like_the_original(string name)
    {
        using var folder = new TemporaryFolder();
        using Fixture fixture = Fixture.Open(name);
        MadgNetOptions options = MadgNetParityTests.Options(fixture.Info);
        string path = folder.File("checkpoint.pth.tar");
        TorchSaveWriter.Write(
            path, AuthorEntries(options), (entry, shape) => AuthorTensor(fixture.Prefix, entry, shape, options), currentEpoch: 99);

        using MadgNetModel model = MadgNetModel.Load(path);
        Assert.Equal(options, model.Options);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // 1e-4 of the largest value: what float32 on another build allows for whole networks.
        Close.Relative(fixture["eval_region"], model.Predict(fixture.Input()), 1e-4, "region");
    }

    [Fact]
    public void A_saved_model_needs_nothing_but_its_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        MadgNetOptions options = new()
        {
            Encoder = EncoderNames.ResNet50,
            Labels = 2,
            LabelNames = ["cup", "disc"],
            DecoderChannels = [16, 8, 8, 8],
            DctSizes = [7, 8, 9, 10],
            BatchNormMomentum = 0.25
        };
        using var model = new MadgNetModel(options, seed: 3);
        model.Save(path, new Dictionary<string, string> { ["note"] = "of the host" });

        using MadgNetModel loaded = MadgNetModel.Load(path);
        Assert.Equal(options, loaded.Options);
        Assert.False(loaded.training);
        Dictionary<string, Tensor> expected = model.state_dict();
        Dictionary<string, Tensor> actual = loaded.state_dict();
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, entry => Assert.Equal(entry.Value.bytes.ToArray(), actual[entry.Key].bytes.ToArray()));
        using WeightArchive archive = WeightArchive.Open(path);
        Assert.Equal("of the host", archive.Metadata["note"]);
    }

    [Fact]
    public void A_model_on_a_custom_backbone_asks_for_it_when_loaded()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        using MadgNetModel model = TinyModel.Create();
        model.Save(path);
        var exception = Assert.Throws<InvalidOptionsException>(() => MadgNetModel.Load(path));
        Assert.Contains("IEncoder", exception.Message, StringComparison.Ordinal);
        using MadgNetModel loaded = MadgNetModel.Load(path, new TinyEncoder(TinyModel.Levels));
        Assert.Equal(TinyModel.Options, loaded.Options);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_with_what_to_do()
    {
        var exception =
            Assert.Throws<InvalidOptionsException>(() =>
                MadgNetModel.Load(Fixture.PathOf(Path.Combine("checkpoints", "plain.safetensors"))));
        Assert.Contains("LoadWeights", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_claim_more_than_the_file_holds_are_refused_before_anything_is_built()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        using (MadgNetModel model = TinyModel.Create())
        {
            MadgNetOptions claimed = TinyModel.Options with
            {
                Labels = int.MaxValue,
                SkipChannels = 1 << 20,
                Attention = TinyModel.Options.Attention with { MinimumChannels = 1 << 28 },
            };
            SafetensorsFile.Save(path, model.state_dict(), new Dictionary<string, string> { ["madgnet.options"] = claimed.ToJson() });
        }

        var exception = Assert.Throws<InvalidOptionsException>(() => MadgNetModel.Load(path, new TinyEncoder(TinyModel.Levels)));
        Assert.Equal(2 + (2 * TinyModel.Options.Attention.Scales), exception.Problems.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.0)]
    [InlineData(0.1 + 0.2)]
    [InlineData(1.0)]
    public void A_threshold_comes_back_to_the_last_bit(double? threshold)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        using MadgNetModel model = TinyModel.Create();
        model.Threshold = threshold;
        model.Save(path);
        using MadgNetModel loaded = MadgNetModel.Load(path, new TinyEncoder(TinyModel.Levels));
        Assert.Equal(threshold, loaded.Threshold);
    }

    [Theory]
    [InlineData("high")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("1.5")]
    [InlineData("-0.1")]
    [InlineData("0,5")]
    public void A_damaged_threshold_is_refused_and_leaves_no_tensor_behind(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        using (MadgNetModel model = TinyModel.Create())
        {
            SafetensorsFile.Save(
                path,
                model.state_dict(),
                new Dictionary<string, string> { ["madgnet.options"] = TinyModel.Options.ToJson(), ["madgnet.threshold"] = text });
        }

        TensorLeak.None(() =>
        {
            using var backbone = new TinyEncoder(TinyModel.Levels);
            var exception = Assert.Throws<InvalidOptionsException>(() => MadgNetModel.Load(path, backbone));
            Assert.Equal("madgnet.threshold", Assert.Single(exception.Problems).Subject);
        });
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_threshold_outside_of_0_to_1_is_refused(double threshold)
    {
        using MadgNetModel model = TinyModel.Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Threshold = threshold);
        Assert.Null(model.Threshold);
    }

    [Fact]
    public void Keys_of_the_library_are_refused_as_metadata()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        Assert.Throws<ArgumentException>(() => model.Save(
            folder.File("x.safetensors"), new Dictionary<string, string> { ["madgnet.options"] = "{}" }));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Loading_leaves_no_tensor_behind()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.safetensors");
        using (MadgNetModel model = TinyModel.Create())
        {
            model.Save(path);
        }

        TensorLeak.None(() => MadgNetModel.Load(path, new TinyEncoder(TinyModel.Levels)).Dispose());
    }

    /// <summary>Every tensor that the authors' code saves: those of this library and the constants that it leaves out.</summary>
    private static List<(string Name, ScalarType Type, long[] Shape)> AuthorEntries(MadgNetOptions options)
    {
        using var model = new MadgNetModel(options);
        var entries = model.state_dict().Select(entry => (entry.Key, entry.Value.dtype, entry.Value.shape)).ToList();
        for (int stage = 0; stage < options.DecoderChannels.Count; stage++)
        {
            MultiFrequencyMultiScaleAttention block = model.DecoderStages[stage].Attention;
            for (int scale = 0; scale < block.ChannelAttention.Count; scale++)
            {
                var attention = (MultiFrequencyChannelAttention)block.ChannelAttention[scale];
                for (int f = 0; f < options.Attention.Frequencies; f++)
                {
                    entries.Add((
                        $"decoder_stage{stage + 1}.attention_layer.multi_frequency_branches.{scale}.0.dct_weight_{f}",
                        ScalarType.Float32,
                        [attention.Channels, attention.Basis.Size, attention.Basis.Size]));
                }
            }
        }

        return entries;
    }

    private static Tensor AuthorTensor(string prefix, string name, long[] shape, MadgNetOptions options)
    {
        if (FixtureRule.Range(name, shape) is { } range)
        {
            return FixtureRule.Tensor(prefix + name, shape, range.Low, range.High);
        }

        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
        {
            return zeros(shape, ScalarType.Int64);
        }

        int frequency = int.Parse(name[(name.LastIndexOf('_') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        using var basis = new DctBasis((int)shape[1], options.Attention.Frequencies, options.Attention.Selection);
        return basis.ToTensor()[frequency].unsqueeze(0).expand(shape).contiguous();
    }
}
