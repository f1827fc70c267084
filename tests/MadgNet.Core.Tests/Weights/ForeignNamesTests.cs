using System.Text.Json;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

/// <summary>Files of other code bases: the same network below other prefixes and under other names.</summary>
public sealed class ForeignNamesTests
{
    private static readonly string[] Network = [
        "feature_encoding.conv1.weight",
        "feature_encoding.bn1.weight",
        "decoder_stage1.conv1.0.weight"
    ];

    public static TheoryData<string, string?> Checkpoints => new()
    {
        { "plain.pth", null },
        { "dataparallel.pth", "module." },
        { "compiled.pth", "_orig_mod." },
        { "ddp-compiled.pth", "module._orig_mod." },
        { "averaged-model.pth", "module." },
        { "lightning.ckpt", "model." },
        { "sub-compiled.pth", "_orig_mod." },
        { "sub-dataparallel.pth", "module." },
        { "ema-only.pth", null },
        { "timm-ema.pth", null },
    };

    [Theory, MemberData(nameof(Checkpoints))]
    public void Checkpoints_of_the_usual_wrappers_load_and_tell_what_was_taken_off(string file, string? prefix)
    {
        using WeightArchive archive = WeightArchive.Open(SharedFolder.Require(Path.Combine("cases", "checkpoints", file)));
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> target = Network.ToDictionary(name => name, name => zeros(
            archive.Tensors.Single(pair => Ends(pair.Key, name)).Value.Shape.ToArray()));

        WeightLoadReport report = WeightLoader.Load(archive, target, null);

        Assert.Equal(Network.Length, report.Loaded.Count);
        Assert.Equal(prefix is null, report.Renamings.Count == 0);
        Assert.Contains(prefix ?? "", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_beside_the_network_is_left_out_and_told()
    {
        string path = SharedFolder.Require("cases/checkpoints/lightning-criterion.ckpt");
        using WeightArchive archive = WeightArchive.Open(path);
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> target = Network.ToDictionary(
            name => name, name => zeros(archive.Tensors["model." + name].Shape.ToArray()));

        WeightLoadReport report = WeightLoader.Load(archive, target, null);

        Assert.Equal(Network.Length, report.Loaded.Count);
        Assert.Equal(["criterion.pos_weight"], report.Ignored);
        Assert.Contains("criterion", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("encoder.")]
    [InlineData("backbone.")]
    [InlineData("model.encoder.")]
    [InlineData("module.encoder_q.")]
    [InlineData("encoder.model.")]
    [InlineData("model.feature_encoding.")]
    [InlineData("encoder._orig_mod.")]
    public void The_encoder_of_another_network_is_found_below_its_prefix(string prefix)
    {
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> encoder = StandIns("state_dict_resnest50.json");
        using WeightArchive archive = Archive([
            .. encoder.Select(entry => (prefix + entry.Name, entry.Value)),
            ("decoder.block.weight", ones(1)),
            (prefix + "fc.weight", ones(1))
        ]);
        Dictionary<string, Tensor> target = encoder.ToDictionary(
            entry => "feature_encoding." + entry.Name, entry => zeros_like(entry.Value));
        target.Add("decoder_stage1.conv1.0.weight", zeros(1));

        WeightLoadReport report = WeightLoader.Load(archive, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });

        Assert.Equal(encoder.Count, report.Loaded.Count);
        Assert.NotEmpty(report.Renamings);
        Assert.Equal(0, target["decoder_stage1.conv1.0.weight"].item<float>());
    }

    [Theory]
    [InlineData("fc.")]
    [InlineData("head.fc.")]
    [InlineData("classifier.")]
    public void A_classifier_is_left_out_of_an_encoder_and_has_a_line_in_the_report(string classifier)
    {
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> encoder = StandIns("state_dict_resnet50.json");
        using WeightArchive archive = Archive([.. encoder, (classifier + "weight", ones(1)), (classifier + "bias", ones(1))]);
        Dictionary<string, Tensor> target = encoder.ToDictionary(entry => entry.Name, entry => zeros_like(entry.Value));

        WeightLoadReport report = WeightLoader.Load(archive, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });

        Assert.Equal(2, report.Ignored.Count);
        Assert.Contains($"ignored: {classifier[..classifier.IndexOf('.')]}.* (2 tensors)", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state_dict_resnet50.json")]
    [InlineData("state_dict_resnest50.json")]
    [InlineData("state_dict_res2net50_v1b_26w_4s.json")]
    public void The_children_of_an_encoder_in_a_Sequential_are_known(string names)
    {
        string[] positions = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"];
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> encoder = StandIns(names);
        using WeightArchive archive = Archive([.. encoder.Select(entry =>
        {
            string[] parts = entry.Name.Split('.', 2);
            return ($"features.{Array.IndexOf(positions, parts[0])}.{parts[1]}", entry.Value);
        })]);
        Dictionary<string, Tensor> target = encoder.ToDictionary(entry => entry.Name, entry => zeros_like(entry.Value));
        var options = new WeightLoadOptions { Mode = WeightLoadMode.Encoder, StripPrefixes = ["features"] };

        WeightLoadReport report = WeightLoader.Load(archive, target, options);

        Assert.Equal(encoder.Count, report.Loaded.Count);
        Assert.Contains(report.Renamings, note => note.Contains("nn.Sequential", StringComparison.Ordinal));
    }

    [Fact]
    public void The_deep_stem_of_mmsegmentation_is_known()
    {
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> encoder = StandIns("state_dict_resnest50.json");
        using WeightArchive archive = Archive([.. encoder.Select(entry => (
            "backbone."
                + (entry.Name.StartsWith("bn1.", StringComparison.Ordinal)
                    ? "stem.7." + entry.Name["bn1.".Length..]
                    : entry.Name.StartsWith("conv1.", StringComparison.Ordinal) ? "stem." + entry.Name["conv1.".Length..] : entry.Name),
            entry.Value))]);
        Dictionary<string, Tensor> target = encoder.ToDictionary(entry => entry.Name, entry => zeros_like(entry.Value));

        Assert.Equal(
            encoder.Count, WeightLoader.Load(archive, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder }).Loaded.Count);
    }

    [Fact]
    public void A_prefix_that_is_not_usual_is_named_with_the_option_that_takes_it_off()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("student.a.weight", ones(2)), ("student.b.weight", ones(2)));
        Dictionary<string, Tensor> target = new() { ["a.weight"] = zeros(2), ["b.weight"] = zeros(2) };

        WeightLoadException refused = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(archive, target, null));

        Assert.Equal("student.", refused.Report.SuggestedPrefix);
        Assert.Contains("--strip-prefix student.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            2,
            WeightLoader.Load(archive, target, new WeightLoadOptions { StripPrefixes = [refused.Report.SuggestedPrefix!] }).Loaded.Count);
    }

    [Fact]
    public void A_part_that_the_model_itself_has_under_such_a_name_stays()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("x.module.a", ones(2)), ("model.b", ones(2)), ("encoder.c", ones(2)));
        Dictionary<string, Tensor> target = archive.Names.ToDictionary(name => name, _ => zeros(2));

        WeightLoadReport report = WeightLoader.Load(archive, target, null);

        Assert.Equal(3, report.Loaded.Count);
        Assert.Empty(report.Renamings);
    }

    [Fact]
    public void Names_that_would_fall_together_are_left_alone()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("encoder.a", ones(2)), ("a", ones(2)), ("encoder.b", ones(2)));
        Dictionary<string, Tensor> target = new() { ["a"] = zeros(2), ["b"] = zeros(2) };

        WeightLoadException refused = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(archive, target, null));

        Assert.Equal(["b"], refused.Report.Missing.Select(weight => weight.Name));
    }

    [Fact]
    public void Recognition_can_be_turned_off()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("model.a", ones(2)));
        Dictionary<string, Tensor> target = new() { ["a"] = zeros(2) };

        Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            archive, target, new WeightLoadOptions { RecogniseForeignNames = false }));
    }

    [Fact]
    public void A_prefix_that_no_name_has_is_told()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("a", ones(2)));
        WeightLoadReport report = WeightLoader.Load(
            archive, new Dictionary<string, Tensor> { ["a"] = zeros(2) }, new WeightLoadOptions { StripPrefixes = ["typo."] });
        Assert.Equal(["no name begins with 'typo.'"], report.Renamings);
    }

    [Fact]
    public void Illegal_options_are_refused_together()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("a", ones(2)));
        var options = new WeightLoadOptions
        {
            Mode = (WeightLoadMode)9,
            StripPrefixes = [""],
            RenamePrefixes = [new PrefixRenaming("", "x")]
        };
        InvalidOptionsException refused = Assert.Throws<InvalidOptionsException>(() => WeightLoader.Load(
            archive, new Dictionary<string, Tensor> { ["a"] = zeros(2) }, options));
        Assert.Equal(3, refused.Problems.Count);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 5)]
    [InlineData(1, 3)]
    public void The_first_convolution_adapts_so_that_equal_channels_give_the_same_features(int from, int to)
    {
        using var scope = NewDisposeScope();
        Tensor weights = randn(4, from, 3, 3, ScalarType.Float64);
        Tensor deeper = randn(2, 4, 1, 1, ScalarType.Float64);
        using WeightArchive archive = Archive(("conv1.weight", weights), ("conv2.weight", deeper));
        Dictionary<string, Tensor> target = new()
        {
            ["conv1.weight"] = zeros(4, to, 3, 3, ScalarType.Float64),
            ["conv2.weight"] = zeros_like(deeper)
        };
        Assert.Throws<WeightLoadException>(() => WeightLoader.Load(archive, target, null));

        WeightLoadReport report = WeightLoader.Load(archive, target, new WeightLoadOptions { AdaptInputChannels = true });

        Tensor grey = rand(1, 1, 8, 8, ScalarType.Float64);
        Tensor before = nn.functional.conv2d(grey.expand(-1, from, -1, -1), weights);
        Tensor after = nn.functional.conv2d(grey.expand(-1, to, -1, -1), target["conv1.weight"]);
        Assert.True((before - after).abs().max().item<double>() < 1e-12);
        Assert.Contains($"adapted: conv1.weight: from {from} to {to} input channels", report.ToString(), StringComparison.Ordinal);
        var options = new WeightLoadOptions { AdaptInputChannels = true };
        TensorLeak.None(() => WeightLoader.Load(archive, target, options));
    }

    [Fact]
    public void Only_the_first_convolution_adapts()
    {
        using var scope = NewDisposeScope();
        using WeightArchive archive = Archive(("conv1.weight", ones(4, 3, 3, 3)), ("conv2.weight", ones(2, 5, 1, 1)));
        Dictionary<string, Tensor> target = new() { ["conv1.weight"] = zeros(4, 1, 3, 3), ["conv2.weight"] = zeros(2, 4, 1, 1) };

        WeightLoadException refused = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            archive, target, new WeightLoadOptions { AdaptInputChannels = true }));

        Assert.Equal(["conv2.weight"], refused.Report.Mismatched.Select(weight => weight.Name));
    }

    [Fact]
    public void A_builder_takes_a_foreign_encoder_for_images_of_another_number_of_channels()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("encoder.safetensors");
        using (var theirs = new ResNetEncoder(3))
        {
            SafetensorsFile.Save(path, theirs.state_dict().Select(pair => KeyValuePair.Create("student." + pair.Key, pair.Value)));
        }

        using MadgNetModel model = new MadgNetBuilder()
            .WithEncoder(EncoderNames.ResNet50)
            .WithInputChannels(4)
            .WithWeights(
                path, new WeightLoadOptions { Mode = WeightLoadMode.Encoder, StripPrefixes = ["student"], AdaptInputChannels = true })
            .Build(out WeightLoadReport? report);

        Assert.Equal(4, Assert.Single(report!.Loaded, weight => weight.AdaptedChannels is not null).AdaptedChannels);
    }

    [Fact]
    public void A_whole_network_below_a_prefix_is_loaded_with_its_options()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("foreign.safetensors");
        using MadgNetModel model = TinyModel.Create();
        using (var archiveSource = new TemporaryFolder())
        {
            model.Save(archiveSource.File("own.safetensors"));
            using WeightArchive own = WeightArchive.Open(archiveSource.File("own.safetensors"));
            SafetensorsFile.Save(
                path, model.state_dict().Select(pair => KeyValuePair.Create("student.net." + pair.Key, pair.Value)), own.Metadata);
        }

        InvalidOptionsException refused = Assert.Throws<InvalidOptionsException>(() => MadgNetModel.Load(
            path, new TinyEncoder(3, TinyModel.Levels)));
        Assert.Contains("--strip-prefix student.", refused.Message, StringComparison.Ordinal);
        using MadgNetModel loaded = MadgNetModel.Load(
            path, new TinyEncoder(3, TinyModel.Levels), names: new WeightLoadOptions { StripPrefixes = ["student."] });

        Assert.All(model.state_dict(), pair => Assert.True(pair.Value.equal(loaded.state_dict()[pair.Key]).all().item<bool>()));
    }

    private static bool Ends(string name, string wanted) =>
        name.Split('.').Where(part => part is not ("module" or "_orig_mod" or "model")).SequenceEqual(wanted.Split('.'));

    private static WeightArchive Archive(params (string Name, Tensor Value)[] tensors) =>
        WeightArchive.From(tensors.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));

    /// <summary>Ones of a single element under the names of a published state dict.</summary>
    private static List<(string Name, Tensor Value)> StandIns(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf(file)));
        return
        [
            .. json.RootElement.EnumerateObject().Select(entry => (
                entry.Name, ones(
                    1, entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? ScalarType.Int64 : ScalarType.Float32))),
        ];
    }
}
