using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

/// <summary>Checkpoints of training scripts: the network wrapped, beside other values, or both. Files in <c>Fixtures/wrapped</c>.</summary>
public sealed class WrappedCheckpointsTests
{
    private static readonly string[] Names =
        ["feature_encoding.conv1.weight", "feature_encoding.bn1.weight", "decoder_stage1.conv1.0.weight"];

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Fixture.PathOf("wrapped")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_weights_are_loaded_and_what_was_done_is_reported(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> target;
        using (WeightArchive plain = PyTorchCheckpoint.Open(Fixture.PathOf("wrapped/plain.pth")))
        {
            target = Names.ToDictionary(name => name, name => zeros(plain.Tensors[name].Shape.ToArray()));
            WeightLoadReport report = WeightLoader.Load(Fixture.PathOf($"wrapped/{file}"), target);
            Assert.Equal(3, report.Loaded.Count);
            foreach (string name in Names)
            {
                using Tensor expected = plain.Load(name);
                Assert.True(expected.allclose(target[name]), name);
            }

            Assert.Equal(file is "plain.pth" or "ema-only.pth" or "timm-ema.pth" or "defaultdict.pth", report.Renamings.Count == 0);
        }
    }

    [Theory]
    [InlineData("numpy-scalar.pth", "'best_dice' (numpy.core.multiarray.scalar)")]
    [InlineData("namespace.pth", "'args' (argparse.Namespace)")]
    [InlineData("posixpath.pth", "'out' (pathlib.PurePosixPath)")]
    [InlineData("torchdevice.pth", "'device' (torch.device)")]
    [InlineData("datetime.pth", "'when' (datetime.datetime)")]
    public void Values_that_are_no_weights_are_skipped_and_listed(string file, string skipped)
    {
        using WeightArchive archive = WeightArchive.Open(Fixture.PathOf($"wrapped/{file}"));
        Assert.Equal([skipped], archive.SkippedValues);
        Assert.Equal(3, archive.Names.Count);
    }

    public static TheoryData<string, string> Attacks => new()
    {
        { "posix", "system" },
        { "os", "popen" },
        { "subprocess", "Popen" },
        { "builtins", "eval" },
        { "builtins", "getattr" },
        { "__builtin__", "__import__" },
        { "importlib", "import_module" },
        { "torch", "load" },
        { "torch.hub", "load_state_dict_from_url" },
        { "some.module", "exec" },
        { "shutil", "rmtree" },
        { "functools", "partial" },
        { "pickle", "loads" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void A_name_that_only_an_attack_has_is_refused_wherever_it_stands(string module, string name)
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}')
            .Text("args").Global(module, name).Text("x").Raw(0x85).Raw('R').Raw('s')
            .Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Raw('s')
            .Stop();
        string path = folder.Write("a.pth", Zip(pickle, new byte[4]));
        Assert.Contains(
            $"{module}.{name}", Assert.Throws<WeightFileException>(() => WeightArchive.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_of_unknown_classes_are_built_of_nothing()
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}')
            .Text("a").Global("my.config", "Config").Raw(')').Raw(0x81).Raw('}').Text("k").Integer(1).Raw('s').Raw('b').Raw('s')
            .Text("b").Global("my.lists", "Ring").Raw(')').Raw('R').Raw('(').Integer(1).Integer(2).Raw('e').Raw('s')
            .Text("c").Global("my.maps", "Map").Raw(')').Raw('R').Raw('(').Text("k").Integer(2).Raw('u').Raw('s')
            .Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Raw('s')
            .Stop();
        using WeightArchive archive = WeightArchive.Open(folder.Write("a.pth", Zip(pickle, BitConverter.GetBytes(2.5f))));
        Assert.Equal(["'a' (my.config.Config)", "'b' (my.lists.Ring)", "'c' (my.maps.Map)"], archive.SkippedValues);
        using Tensor weight = archive.Load("w");
        Assert.Equal(2.5f, weight.item<float>());
    }

    private static byte[] Zip(byte[] pickle, byte[] storage) =>
        TorchSaveWriter.Zip([("z/data.pkl", pickle), ("z/data/0", storage)]);
}
