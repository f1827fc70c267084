using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Weights;

public class ModuleWeightsTests
{
    public static TheoryData<string> Names => BlockCatalogue.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_blocks_weights_are_saved_and_loaded_alone(string name)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get(name);
        string path = Path.Combine(folder.Root, "block.safetensors");
        using Module saved = block.Build(ScalarType.Float32);
        saved.SaveWeights(path);
        using Module loaded = block.Create();
        WeightLoadReport report = loaded.LoadWeights(path);
        Assert.Equal(saved.state_dict().Count, report.Loaded.Count);
        saved.eval();
        loaded.eval();
        foreach ((Tensor expected, Tensor actual) in block.Run(saved, block.Inputs(ScalarType.Float32))
            .Zip(block.Run(loaded, block.Inputs(ScalarType.Float32))))
        {
            Bits.Equal(expected, actual, "output");
        }
    }

    /// <summary>Also in the block whose names are translated to the authors'.</summary>
    [Theory]
    [InlineData("MultiFrequencyMultiScaleAttention")]
    [InlineData("DecoderStage")]
    [InlineData("UNetDecoderLevel")]
    [InlineData("EnsembleSubDecoder")]
    public void A_module_that_a_host_registered_inside_a_block_is_saved_and_loaded(string name)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        string path = Path.Combine(folder.Root, "block.safetensors");
        using Module saved = Extended(name);
        PlainLayers.Fill(saved);
        saved.SaveWeights(path, new Dictionary<string, string> { ["host"] = "mine" });
        using (WeightArchive archive = WeightArchive.Open(path))
        {
            Assert.Contains("adapter.0.weight", archive.Names);
            Assert.Contains("adapter.1.running_mean", archive.Names);
            Assert.Equal("mine", archive.Metadata["host"]);
        }

        using Module loaded = Extended(name);
        loaded.LoadWeights(path);
        foreach ((string tensor, Tensor expected) in saved.state_dict())
        {
            Assert.True(expected.equal(loaded.state_dict()[tensor]).all().item<bool>(), tensor);
        }

        // A block without it says what is too much.
        using Module plain = BlockCatalogue.Get(name).Create();
        var exception = Assert.Throws<WeightLoadException>(() => plain.LoadWeights(path));
        Assert.Contains("adapter.0.weight", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_the_old_one()
    {
        using var folder = new TemporaryFolder();
        using var block = new SqueezeAndExcitation(4);
        Assert.Throws<WeightFileException>(() => block.SaveWeights(Path.Combine(folder.Root, "missing", "block.safetensors")));
        string path = Path.Combine(folder.Root, "block.safetensors");
        block.SaveWeights(path);
        byte[] before = File.ReadAllBytes(path);
        Assert.Throws<ArgumentException>(() => block.SaveWeights(path, new Dictionary<string, string> { ["text"] = "\ud800" }));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Root));
    }

    private static Module Extended(string name)
    {
        Module block = BlockCatalogue.Get(name).Create();
        using var scope = NewDisposeScope();
        block.register_module("adapter", Sequential(("0", Conv2d(2, 3, 1, bias: false)), ("1", new BatchNormalization(3))));
        return block;
    }
}
