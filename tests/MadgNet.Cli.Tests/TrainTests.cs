using System.Text.Json;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests;

public sealed class TrainTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    [Fact]
    public void A_run_leaves_weights_and_tells_its_epochs()
    {
        Assert.True(File.Exists(Run.Weights));
        Assert.True(File.Exists(Path.Combine(Run.Folder, "last.safetensors")));
        JsonElement epoch = Assert.Single(Run.Result.Result.GetProperty("epochs").EnumerateArray());
        Assert.True(epoch.GetProperty("loss").GetDouble() > 0);
        Assert.InRange(epoch.GetProperty("dice").GetDouble(), 0, 1);
        Assert.Contains("epoch 1/1", Run.Result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images")]
    [InlineData("masks")]
    public void A_missing_folder_is_1_and_leaves_nothing(string missing)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        Directory.Delete(Path.Combine(data, missing), recursive: true);
        ToolResult result = tool.Run("train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run")).Expect(1);
        Assert.Contains($"{missing}: received no such folder", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("run")));
    }

    [Fact]
    public void An_image_that_cannot_be_read_ends_the_run_with_1()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        string broken = Directory.GetFiles(Path.Combine(data, "images")).Order(StringComparer.Ordinal).First();
        File.WriteAllText(broken, "no image");
        ToolResult result = tool.Run(
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"), "--validation", "none", "--epochs", "1", "--batch", "3", "--size", "64", "--json").Expect(1);
        Assert.Contains(result.Errors, message => message.Contains(Path.GetFileNameWithoutExtension(broken), StringComparison.Ordinal));
    }
}
