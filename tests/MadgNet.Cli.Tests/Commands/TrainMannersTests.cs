using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>What a training refuses before it touches a file, what it says when it diverges, and how a finished one goes on.</summary>
public sealed class TrainMannersTests(Tool tool)
{
    private static readonly string[] Small =
    [
        "--model", "unet", "--backbone", "resnet18", "--attention", "gap", "--spatial", "none", "--sub-decoder", "region",
        "--batch", "2", "--size", "32", "--validation", "none",
    ];

    [Theory]
    [InlineData("--batch", "1")]
    [InlineData("--label-values", "7")]
    [InlineData("--weights", "nowhere.pth")]
    [InlineData("--validation", "0,2")]
    public void Nothing_is_moved_where_something_is_refused(string option, string value)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        Directory.CreateDirectory(workspace.At("run"));
        File.WriteAllText(workspace.At("run", "best.safetensors"), "hours of work");
        ToolResult result = tool.Run("train", data, "--output", workspace.At("run"), "--overwrite", option, value);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(["best.safetensors"], Directory.GetFileSystemEntries(workspace.At("run")).Select(path => Path.GetFileName(path)));
        Assert.Equal("hours of work", File.ReadAllText(workspace.At("run", "best.safetensors")));
    }

    [Fact]
    public void Swapped_folders_and_empty_masks_are_found_before_the_first_step()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        ToolResult swapped = tool.Run(
            "train", "-i", Path.Combine(data, "masks"), "-m", Path.Combine(data, "images"), "--output", workspace.At("run")).Expect(2);
        Assert.Contains("the two look swapped", swapped.Error, StringComparison.Ordinal);
        foreach (string mask in Directory.GetFiles(Path.Combine(data, "masks")))
        {
            PixelImage was = new ImageReader().Read(mask);
            ImageWriter.Write(new PixelImage(was.Height, was.Width, 1, new byte[was.Height * was.Width]), mask);
        }

        ToolResult empty = tool.Run("train", data, "--output", workspace.At("run")).Expect(1);
        Assert.Contains("no foreground in any of the 3 masks", empty.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("run")));
    }

    [Fact]
    public void A_run_that_diverges_says_so_once()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run(
            ["train", workspace.Pairs("data", 4), "--output", workspace.At("run"), .. Small, "--epochs", "3", "--lr", "1e30", "--json"])
            .Expect(1);
        Assert.StartsWith(
            "Training diverged: lower --learning-rate (was 1E+30).", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain("Training failed", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_writes_nothing_and_a_finished_run_goes_on_to_more_epochs()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string[] line = ["train", data, "--output", workspace.At("run"), .. Small];
        ToolResult dry = tool.Run([.. line, "--epochs", "1", "--dry-run", "--json"]).Expect(0);
        Assert.Equal(2, dry.Result.GetProperty("training").GetInt32());
        Assert.False(Directory.Exists(workspace.At("run")));

        ToolResult first = tool.Run([.. line, "--epochs", "1"]).Expect(0);
        Assert.Contains("First step done after", first.Error, StringComparison.Ordinal);
        Assert.Contains($"madgnet predict --weights {workspace.At("run", "last.safetensors")}", first.Output, StringComparison.Ordinal);
        ToolResult more = tool.Run([.. line, "--epochs", "3", "--resume"]).Expect(0);
        Assert.Contains("Going on after epoch 1 of 3 (step 1)", more.Error, StringComparison.Ordinal);
        Assert.Contains("The run had 1 epochs and now has 3", more.Error, StringComparison.Ordinal);
        Assert.Equal(4, File.ReadLines(workspace.At("run", "epochs.csv")).Count());
        Assert.Equal(3, Recipe.Load(workspace.At("run", "recipe.json")).Trainer.Epochs);
        ToolResult fewer = tool.Run([.. line, "--epochs", "2", "--resume", "--json"]).Expect(1);
        Assert.StartsWith("--epochs: received 2; expected 3", Assert.Single(fewer.Errors), StringComparison.Ordinal);
        ToolResult size = tool.Run(
            [.. line.Select(word => word == "32" ? "64" : word), "--epochs", "3", "--resume", "--json"])
            .Expect(1);
        Assert.StartsWith("--size: received 64; expected 32", Assert.Single(size.Errors), StringComparison.Ordinal);
    }
}
