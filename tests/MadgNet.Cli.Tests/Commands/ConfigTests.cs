using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>A training as a file: what a run leaves, and <c>--config</c> takes.</summary>
public sealed class ConfigTests(Tool tool)
{
    private const string RecipeName = "recipe.json";

    [Fact]
    public void A_run_leaves_its_recipe_and_another_takes_it_with_what_options_change()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        string[] folders = ["--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--validation", "none"];
        tool.Run(
            [
                "train", .. folders, "--output", workspace.At("first"), "--model", "unet", "--backbone", "resnet18", "--attention", "gap",
                "--epochs", "1", "--batch", "2", "--size", "32", "--intensity", "minmax", "--letterbox", "--seed", "5",
                "--learning-rate", "2e-3", "--augmentation", "none",
            ]).Expect(0);
        string file = workspace.At("first", RecipeName);
        Recipe first = Recipe.Load(file);
        Assert.Equal((5, 2, 1), (first.Seed, first.BatchSize, first.Trainer.Epochs));
        Assert.Equal((ImageFit.Letterbox, IntensityScaling.MinMax), (first.Model.Input.Fit, first.Model.Input.Scaling));
        Assert.Equal("gap", Assert.IsType<UNetOptions>(first.Model).ChannelAttention);
        Assert.Equal(2e-3, Assert.IsType<CosineAnnealingSchedule>(first.Trainer.Schedule).Initial);

        // Without a word the same again, to the bit; options beside the file change what they name and nothing else.
        tool.Run(["train", .. folders, "--config", file, "--output", workspace.At("same")]).Expect(0);
        Assert.Equal(
            File.ReadAllBytes(workspace.At("first", "last.safetensors")), File.ReadAllBytes(workspace.At("same", "last.safetensors")));
        tool.Run(
            ["train", .. folders, "--config", file, "--output", workspace.At("second"), "--epochs", "2", "--window", "0.5:1"]).Expect(0);
        Recipe expected = first.WithEpochs(2).WithInput(input => input with { Windows = [new InputWindow(0.5, 1)] });
        expected = expected.WithTrainer(trainer => trainer with { OutputFolder = workspace.At("second") });
        Assert.Equal(expected.ToJson(), File.ReadAllText(workspace.At("second", RecipeName)).TrimEnd());
        Assert.Equal(3, File.ReadLines(workspace.At("second", "epochs.csv")).Count());
    }

    [Theory]
    [InlineData("{ \"batchSize\": ", "no JSON")]
    [InlineData("{ \"version\": 1, \"batchSize\": -3 }", "$.batchSize")]
    [InlineData("{ \"version\": 1, \"batchSiz\": 3 }", "batchSiz")]
    public void A_file_that_is_no_recipe_says_where_and_leaves_nothing(string text, string expected)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        File.WriteAllText(workspace.At(RecipeName), text);
        ToolResult result = tool.Run(
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"),
            "--config", workspace.At(RecipeName), "--output", workspace.At("run")).Expect(1);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("run")));
    }

    [Fact]
    public void A_run_in_the_folder_of_its_own_recipe_keeps_what_was_there()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string[] line =
        [
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--validation", "none",
            "--output", workspace.At("run"),
        ];
        tool.Run(
            [.. line, "--model", "unet", "--backbone", "resnet18", "--epochs", "1", "--batch", "2", "--size", "32"]).Expect(0);
        string recipe = File.ReadAllText(workspace.At("run", RecipeName));
        tool.Run([.. line, "--config", workspace.At("run", RecipeName), "--overwrite", "--seed", "9"]).Expect(0);
        Assert.Equal(9, Recipe.Load(workspace.At("run", RecipeName)).Seed);
        Assert.Equal(recipe, File.ReadAllText(workspace.At("run", "earlier-1", RecipeName)));
        Assert.Empty(Directory.GetFiles(workspace.At("run"), "*.earlier-*"));
        Assert.True(File.Exists(workspace.At("run", "earlier-1", "last.safetensors")));
    }
}
