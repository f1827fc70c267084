using System.Text.Json;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public sealed class WeightLoaderTests
{
    private const string Network = "state_dict_madgnet_resnest50.json";

    [Fact]
    public void Everything_loads_exactly_into_the_tensors_that_are_there()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("a.weight", rand(3, 4)), ("a.num_batches_tracked", tensor(7L)), ("b", rand(2)));
        Dictionary<string, Tensor> target = new()
        {
            ["a.weight"] = nn.Parameter(zeros(3, 4)),
            ["a.num_batches_tracked"] = tensor(0L),
            ["b"] = zeros(2)
        };

        WeightLoadReport report = WeightLoader.Load(path, target);

        using WeightArchive archive = WeightArchive.Open(path);
        Assert.All(target, pair => Assert.True(pair.Value.detach().equal(archive.Load(pair.Key)).all().item<bool>()));
        Assert.Equal(3, report.Loaded.Count);
        Assert.DoesNotContain(report.Loaded, weight => weight.Converted);
        Assert.True(target["a.weight"].requires_grad);
    }

    [Fact]
    public void Strict_loading_lists_every_problem_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("same", ones(2)), ("conv.weigth", ones(3)), ("shape", ones(2, 3)), ("type", tensor(1L)));
        Dictionary<string, Tensor> target = new()
        {
            ["same"] = zeros(2),
            ["conv.weight"] = zeros(3),
            ["shape"] = zeros(3, 2),
            ["type"] = zeros(1).squeeze()
        };

        WeightLoadException refused = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(path, target));

        Assert.Equal([new UnmatchedWeight("conv.weight", "conv.weigth")], refused.Report.Missing);
        Assert.Equal([new UnmatchedWeight("conv.weigth", "conv.weight")], refused.Report.Unexpected);
        Assert.Equal(
            ["shape: Float32 2×3 in the file, Float32 3×2 in the model", "type: Int64 scalar in the file, Float32 scalar in the model"],
            refused.Report.Mismatched.Select(weight => weight.ToString()));
        Assert.Contains("missing in the file: conv.weight (nearest: conv.weigth)", refused.Message, StringComparison.Ordinal);
        Assert.All(target.Values, tensor => Assert.Equal(0, tensor.abs().sum().item<float>()));
    }

    [Fact]
    public void A_file_that_cannot_be_read_to_its_end_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("a", ones(1000)), ("b", ones(1000)));
        Dictionary<string, Tensor> target = new() { ["a"] = zeros(1000), ["b"] = zeros(1000) };
        using WeightArchive archive = WeightArchive.Open(path);
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 1);
        }

        TensorLeak.None(() => Assert.Throws<WeightFileException>(() => WeightLoader.Load(archive, target, null)));
        Assert.All(target.Values, tensor => Assert.Equal(0, tensor.sum().item<float>()));
    }

    [Fact]
    public void All_that_fits_loads_what_fits_and_reports_the_rest()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("same", ones(2)), ("extra", ones(3)), ("shape", ones(2, 3)));
        Dictionary<string, Tensor> target = new() { ["same"] = zeros(2), ["other.name"] = zeros(3), ["shape"] = zeros(3, 2) };

        WeightLoadReport report = WeightLoader.Load(path, target, new WeightLoadOptions { Mode = WeightLoadMode.AllThatFits });

        Assert.Equal(["same"], report.Loaded.Select(weight => weight.Name));
        Assert.Equal(["other.name"], report.Missing.Select(weight => weight.Name));
        Assert.Equal(["extra"], report.Unexpected.Select(weight => weight.Name));
        Assert.Equal(["shape"], report.Mismatched.Select(weight => weight.Name));
        Assert.Equal(2, target["same"].sum().item<float>());
        Assert.Equal(0, target["shape"].sum().item<float>());
    }

    [Fact]
    public void All_that_fits_refuses_a_file_of_which_nothing_fits()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("a", ones(2)));
        Dictionary<string, Tensor> target = new() { ["b"] = zeros(2) };
        Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            path, target, new WeightLoadOptions { Mode = WeightLoadMode.AllThatFits }));
    }

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32, true)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, true)]
    [InlineData(ScalarType.Float64, ScalarType.Float32, true)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16, true)]
    [InlineData(ScalarType.Int32, ScalarType.Int64, true)]
    [InlineData(ScalarType.Byte, ScalarType.Int16, true)]
    [InlineData(ScalarType.Int64, ScalarType.Int32, false)]
    [InlineData(ScalarType.Byte, ScalarType.Int8, false)]
    [InlineData(ScalarType.Int64, ScalarType.Float32, false)]
    [InlineData(ScalarType.Float32, ScalarType.Int64, false)]
    [InlineData(ScalarType.Bool, ScalarType.Byte, false)]
    public void Types_that_mean_the_same_convert_and_are_reported(ScalarType from, ScalarType to, bool converts)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("a", ones(2, from)));
        Dictionary<string, Tensor> target = new() { ["a"] = zeros(2, to) };
        using WeightArchive archive = WeightArchive.Open(path);

        WeightLoadReport report = WeightLoader.Compare(archive, target);

        Assert.Equal(converts, report.Fits);
        if (converts)
        {
            Assert.Contains($"converted: a: {from} to {to}", WeightLoader.Load(archive, target, null).ToString(), StringComparison.Ordinal);
            Assert.Equal(to, target["a"].dtype);
            Assert.Equal(2, target["a"].to(ScalarType.Float32).sum().item<float>());
        }
    }

    [Fact]
    public void The_memory_layout_of_the_target_stays()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Tensor values = rand(2, 3, 4, 5);
        Tensor channelsLast = zeros(2, 4, 5, 3).permute(0, 3, 1, 2);
        WeightLoader.Load(Save(folder, ("a", values)), new Dictionary<string, Tensor> { ["a"] = channelsLast });
        Assert.True(channelsLast.equal(values).all().item<bool>());
        Assert.Equal([60, 1, 15, 3], channelsLast.stride());
    }

    [Fact]
    public void A_renaming_gives_names_and_drops_tensors()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, ("module.encoder.a", ones(2)), ("module.head.b", ones(3)));
        Dictionary<string, Tensor> target = new() { ["feature.a"] = zeros(2) };
        var options = new WeightLoadOptions
        {
            Rename = name => name.StartsWith("head.", StringComparison.Ordinal)
                ? null
                : name.Replace("encoder.", "feature.", StringComparison.Ordinal)
        };

        WeightLoadReport report = WeightLoader.Load(path, target, options);

        Assert.Equal("module.encoder.a", Assert.Single(report.Loaded).Source.Name);
        Assert.Equal(["module.head.b"], report.Ignored);
        Assert.Throws<ArgumentException>(() => WeightLoader.Load(path, target, new WeightLoadOptions { Rename = _ => "feature.a" }));
    }

    [Fact]
    public void The_published_network_loads_without_its_constants_and_counters()
    {
        // Names of the published file; sizes are cut to one element, which loading does not depend on.
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> published = StandIns(Network);
        string path = Save(folder, [.. published.Where(entry => !entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))]);
        Dictionary<string, Tensor> target = published.Where(entry => !entry.Name.Contains("dct_weight", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, entry => zeros_like(entry.Value));

        WeightLoadReport report = WeightLoader.Load(path, target);

        Assert.Equal(published.Count(entry => entry.Name.Contains("dct_weight", StringComparison.Ordinal)), report.Ignored.Count);
        Assert.Equal(target.Keys.Where(name => name.EndsWith("num_batches_tracked", StringComparison.Ordinal)), report.Kept);
        Assert.Equal(target.Count, report.Loaded.Count + report.Kept.Count);
        Assert.NotEmpty(report.Ignored);
        Assert.NotEmpty(report.Kept);
    }

    [Theory]
    [InlineData("state_dict_resnet50.json", false)]
    [InlineData("state_dict_resnest50.json", false)]
    [InlineData("state_dict_res2net50_v1b_26w_4s.json", false)]
    [InlineData("state_dict_resnest50.json", true)]
    public void A_backbone_file_with_its_classifier_fills_the_backbone_of_a_network_or_a_bare_one(string names, bool bare)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> backbone = StandIns(names);
        string path = Save(folder, [.. backbone, ("fc.weight", ones(1)), ("fc.bias", ones(1))]);
        Dictionary<string, Tensor> target = backbone.ToDictionary(
            entry => (bare ? "" : "feature_encoding.") + entry.Name, entry => zeros_like(entry.Value));
        if (!bare)
        {
            target.Add("decoder_stage1.conv1.0.weight", zeros(1));
        }

        WeightLoadReport report = WeightLoader.Load(path, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });

        Assert.Equal(backbone.Count, report.Loaded.Count);
        Assert.Equal(["fc.bias", "fc.weight"], report.Ignored.Order(StringComparer.Ordinal));
        Assert.Empty(report.Missing);
        Assert.Empty(report.Unexpected);
        Assert.All(
            target.Where(pair => !pair.Key.StartsWith("decoder", StringComparison.Ordinal)),
            pair => Assert.Equal(1, pair.Value.to(ScalarType.Float32).item<float>()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_backbone_of_a_network_file_fills_the_backbone_of_a_network_or_a_bare_one(bool bare)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> network = StandIns(Network);
        string path = Save(folder, [.. network]);
        Dictionary<string, Tensor> target = network
            .Where(entry => !bare || entry.Name.StartsWith("feature_encoding.", StringComparison.Ordinal))
            .ToDictionary(entry => bare ? entry.Name["feature_encoding.".Length..] : entry.Name, entry => zeros_like(entry.Value));

        WeightLoadReport report = WeightLoader.Load(path, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder });

        // The backbone alone has as many tensors as its own fixture lists.
        Assert.Equal(StandIns("state_dict_resnest50.json").Count, report.Loaded.Count);
        Assert.Equal(report.Loaded.Count, target.Values.Count(tensor => tensor.to(ScalarType.Float32).item<float>() == 1));
    }

    [Fact]
    public void Another_backbone_is_refused_with_names_as_each_side_has_them()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Save(folder, [.. StandIns("state_dict_resnet50.json")]);
        Dictionary<string, Tensor> target = StandIns("state_dict_resnest50.json")
            .ToDictionary(entry => "feature_encoding." + entry.Name, entry => zeros_like(entry.Value));

        WeightLoadException refused = Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            path, target, new WeightLoadOptions { Mode = WeightLoadMode.Encoder }));

        UnmatchedWeight missing = Assert.Single(
            refused.Report.Missing, weight => weight.Name == "feature_encoding.layer1.0.conv2.conv.weight");
        Assert.Equal("layer1.0.conv2.weight", missing.NearestName);
    }

    [Fact]
    public void A_checkpoint_in_the_authors_format_loads_at_full_size()
    {
        // All 33 M parameters by the fixture rule. The constants, as large again, are cut to one element: they are not read.
        using var folder = new TemporaryFolder();
        string path = folder.File("model_weight(EPOCH 200).pth.tar");
        List<(string Name, ScalarType Type, long[] Shape)> entries =
        [
            .. Entries(Network)
                .Select(entry => (entry.Name, entry.Type, entry.Name.Contains("dct_weight", StringComparison.Ordinal) ? [1] : entry.Shape)),
        ];
        static Tensor Values(string name, long[] shape) => FixtureRule.Range(name, shape) is { } range
            ? FixtureRule.Tensor(name, shape, range.Low, range.High)
            : zeros(shape, name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? ScalarType.Int64 : ScalarType.Float32);
        TorchSaveWriter.Write(path, entries, Values, 200);

        using WeightArchive archive = WeightArchive.Open(path);
        Assert.Equal("200", archive.Metadata["current_epoch"]);
        Assert.Equal(entries.Select(entry => entry.Name), archive.Names);

        // Parameters are what is neither counted nor tracked nor constant: the number that NETWORK.md states.
        Assert.Equal(33_366_372, archive.Tensors.Values.Where(info => !info.Name.Contains("running_", StringComparison.Ordinal)
            && !info.Name.Contains("dct_weight", StringComparison.Ordinal) && info.Type == ScalarType.Float32).Sum(info =>
                info.ElementCount));

        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> target = entries.Where(entry => !entry.Name.Contains("dct_weight", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Name, entry => ones(entry.Shape, entry.Type));
        WeightLoadReport report = WeightLoader.Load(archive, target, null);
        Assert.Equal(target.Count, report.Loaded.Count);
        foreach (string name in new[]
        {
            entries[0].Name,
            "feature_encoding.layer4.2.conv3.weight",
            "decoder_stage1.attention_layer.alpha_list.0",
            "sub_decoder_stage4.output_map_conv.bias"
        })
        {
            using Tensor expected = Values(name, target[name].shape);
            Assert.True(expected.equal(target[name]).all().item<bool>(), name);
        }
    }

    [Theory]
    [InlineData(WeightLoadMode.Everything)]
    [InlineData(WeightLoadMode.AllThatFits)]
    [InlineData(WeightLoadMode.Encoder)]
    public void Loading_leaves_no_tensor(WeightLoadMode mode)
    {
        using var folder = new TemporaryFolder();
        using Tensor a = ones(4, 5);
        using Tensor b = a.to(ScalarType.Float16);
        using Tensor zero = zeros(4, 5);
        string path = folder.File("weights");
        SafetensorsFile.Save(path, [KeyValuePair.Create("a", a), KeyValuePair.Create("b", b)]);
        TensorLeak.None(() => WeightLoader.Load(
            path, new Dictionary<string, Tensor> { ["a"] = zero, ["b"] = zero }, new WeightLoadOptions { Mode = mode }));
        TensorLeak.None(() => Assert.Throws<WeightLoadException>(() => WeightLoader.Load(
            path, new Dictionary<string, Tensor> { ["c"] = zero }, new WeightLoadOptions { Mode = mode })));
    }

    [Fact]
    public void A_thousand_foreign_names_are_compared_in_time()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> network = StandIns(Network);
        string path = Save(folder, [.. network.Select(entry => ("backbone." + entry.Name + ".x", entry.Value))]);
        Dictionary<string, Tensor> target = network.ToDictionary(entry => entry.Name, entry => entry.Value);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Throws<WeightLoadException>(() => WeightLoader.Load(path, target));

        // Half a second on two idle cores; the bound only has to tell it from a hang on a loaded machine.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed.TotalSeconds:F2} s");
    }

    private static string Save(TemporaryFolder folder, params (string Name, Tensor Value)[] tensors)
    {
        string path = folder.File("weights.safetensors");
        SafetensorsFile.Save(path, tensors.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));
        return path;
    }

    /// <summary>Ones of a single element under the names of a published state dict.</summary>
    private static List<(string Name, Tensor Value)> StandIns(string file) =>
        [.. Entries(file).Select(entry => (entry.Name, ones(1, entry.Type)))];

    private static List<(string Name, ScalarType Type, long[] Shape)> Entries(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf(file)));
        return
        [
            .. json.RootElement.EnumerateObject().Select(entry => (
                entry.Name,
                entry.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? ScalarType.Int64 : ScalarType.Float32,
                entry.Value.EnumerateArray()
                    .Where(item => item.ValueKind == JsonValueKind.Number)
                    .Select(size => size.GetInt64())
                    .ToArray())),
        ];
    }
}
