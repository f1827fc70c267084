using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Weights;

namespace MadgNet.Cli.Tests.Commands;

/// <summary><c>train --pretrained</c>, with the weights that the tool's package brings.</summary>
public sealed class PretrainedTests(Tool tool)
{
    [Fact]
    public void The_tool_brings_weights_and_a_network_trained_from_them_predicts_without()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        ToolResult trained = tool.Run([.. Line(workspace, data), "--model", "unet", "--pretrained", "resnet18"]).Expect(0);
        Assert.Contains("Loaded", trained.Error, StringComparison.Ordinal);
        Assert.Contains("110 tensors that fit, 0 missing", trained.Error, StringComparison.Ordinal);

        string card = File.ReadAllText(workspace.At("run", "MODEL.md"));
        Assert.Contains("licence: MIT", card, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.DnnImageFeaturizer.ResNet18", card, StringComparison.Ordinal);
        string weights = workspace.At("run", "last.safetensors");
        using (WeightArchive archive = WeightArchive.Open(weights))
        {
            Assert.Contains("resnet18_cntk", archive.Metadata["madgnet.options"], StringComparison.Ordinal);
            Assert.Contains("Bgr", archive.Metadata["madgnet.input"], StringComparison.Ordinal);
        }

        tool.Run("predict", "--weights", weights, "--input", Path.Combine(data, "images"), "--output", workspace.At("masks")).Expect(0);
        Assert.Equal(2, Directory.GetFiles(workspace.At("masks"), "*.png").Length);
    }

    [Fact]
    public void A_file_that_is_no_encoders_says_what_it_looks_like_and_nothing_is_trained()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string file = workspace.At("vit.safetensors");
        byte[] header = """{"blocks.0.attn.qkv.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  """u8.ToArray();
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0]);

        ToolResult result = tool.Run([.. Line(workspace, data), "--pretrained", file]).Expect(1);
        Assert.Contains("vision transformer", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.At("run", "last.safetensors")));
    }

    [Theory]
    [InlineData("--pretrained: received 'resnet19'", "--pretrained", "resnet19")]
    [InlineData("--backbone: received resnet34", "--pretrained", "resnet18", "--backbone", "resnet34")]
    public void What_contradicts_is_refused(string expected, params string[] options)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        ToolResult result = tool.Run([.. Line(workspace, data), .. options]).Expect(2);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private static string[] Line(Workspace workspace, string data) =>
    [
        "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"),
        "--validation", "none", "--epochs", "1", "--batch", "2", "--size", "32",
    ];
}
