using System.Globalization;
using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using static TorchSharp.torch;

namespace MadgNet.Cli.Tests.Commands;

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
        Assert.Equal(2, File.ReadLines(Path.Combine(Run.Folder, "epochs.csv")).Count());
        RunManifest manifest = RunManifest.Load(Path.Combine(Run.Folder, RunManifest.FileName));
        Assert.StartsWith("madgnet train --images ", manifest.Command, StringComparison.Ordinal);
        Assert.Equal(3, manifest.Seed);
        Assert.Equal(
            ["train", "train", "train", "validation"],
            File.ReadLines(Path.Combine(Run.Folder, "split.csv")).Skip(1).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void Ctrl_C_saves_the_run_ends_with_130_and_resume_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Sends a signal of POSIX.");
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);

        // Far more epochs than are run: what interrupts does not have to be quick.
        string[] line =
        [
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"),
            "--validation", "none", "--epochs", "5000", "--batch", "2", "--size", "32", "--json",
        ];
        ToolResult first = tool.RunAndInterruptAt("epoch 1/5000", line).Expect(130);
        Assert.Equal("cancelled", first.Json.GetProperty("status").GetString());
        Assert.Contains("--resume goes on", first.Error, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(workspace.At("run", "checkpoints"), "*.safetensors"));
        Assert.True(File.Exists(workspace.At("run", "last.safetensors")));

        ToolResult second = tool.RunAndInterruptAt("epoch ", [.. line, "--resume"]).Expect(130);
        Assert.DoesNotContain("epoch 1/5000", second.Error, StringComparison.Ordinal);
        int[] epochs = [.. File.ReadLines(workspace.At("run", "epochs.csv"))
            .Skip(1)
            .Select(row => int.Parse(row.Split(',')[0], CultureInfo.InvariantCulture))];
        Assert.True(epochs.Length >= 2);
        Assert.Equal(Enumerable.Range(1, epochs.Length), epochs);

        ToolResult changed = tool.Run([.. line, "--resume", "--seed", "7"]).Expect(1);
        Assert.Contains(changed.Errors, message => message.Contains("as the run began with", StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_below_an_unusual_prefix_name_the_option_and_train_with_it()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string weights = workspace.At("foreign.safetensors");
        using (WeightArchive own = WeightArchive.Open(Run.Weights))
        {
            KeyValuePair<string, Tensor>[] tensors = [.. own.Names.Select(name => KeyValuePair.Create("student." + name, own.Load(name)))];
            SafetensorsFile.Save(weights, tensors, own.Metadata);
            foreach ((_, Tensor tensor) in tensors)
            {
                tensor.Dispose();
            }
        }

        string[] line =
        [
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"),
            "--weights", weights,
            "--validation", "none", "--epochs", "1", "--batch", "2", "--size", "32", "--intensity", "minmax",
        ];
        ToolResult refused = tool.Run([.. line]).Expect(1);
        Assert.Contains("--strip-prefix student.", refused.Error, StringComparison.Ordinal);
        tool.Run([.. line, "--strip-prefix", "student"]).Expect(0);
    }

    [Theory]
    [InlineData("images")]
    [InlineData("masks")]
    public void A_missing_folder_is_1_and_leaves_nothing(string missing)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        Directory.Delete(Path.Combine(data, missing), recursive: true);
        ToolResult result = tool.Run(
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"))
            .Expect(1);
        Assert.Contains($"{missing}: received no such folder", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("run")));
    }

    [Fact]
    public void An_image_that_cannot_be_read_ends_the_run_with_1_and_weights_of_an_earlier_run_are_kept()
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(workspace.At("run"));
        File.WriteAllText(workspace.At("run", "best.safetensors"), "hours of work");
        string data = workspace.Pairs("data", 3);
        string broken = Directory.GetFiles(Path.Combine(data, "images")).Order(StringComparer.Ordinal).First();
        File.WriteAllText(broken, "no image");
        ToolResult result = tool.Run(
            "train",
            "--images",
            Path.Combine(data, "images"),
            "--masks",
            Path.Combine(data, "masks"),
            "--output",
            workspace.At("run"),
            "--validation",
            "none",
            "--epochs",
            "1",
            "--batch",
            "3",
            "--size",
            "64",
            "--overwrite",
            "--json").Expect(1);
        Assert.Contains(result.Errors, message => message.Contains(Path.GetFileNameWithoutExtension(broken), StringComparison.Ordinal));
        Assert.Contains(
            Directory.EnumerateFiles(workspace.At("run"), "best.safetensors", SearchOption.AllDirectories),
            path => File.ReadAllText(path) == "hours of work");
    }

    [Fact]
    public void A_U_Net_of_named_parts_is_trained_predicts_at_the_size_of_training_and_is_exported()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 4);
        string weights = workspace.At("run", "best.safetensors");
        tool.Run(
            "train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output", workspace.At("run"),
            "--epochs", "1", "--batch", "2", "--size", "64",
            "--model", "unet", "--backbone", "resnet18", "--attention", "gap", "--spatial", "none", "--sub-decoder", "region",
            "--json").Expect(0);

        ToolResult inspect = tool.Run("inspect", weights, "--json").Expect(0);
        Assert.Equal("unet", inspect.Result.GetProperty("architecture").GetString());
        Assert.Equal("resnet18", inspect.Result.GetProperty("options").GetProperty("Encoder").GetString());
        Assert.Equal(64, inspect.Result.GetProperty("options").GetProperty("Input").GetProperty("Size").GetProperty("Height").GetInt32());
        tool.Run("export", "--weights", weights, "--output", workspace.At("unet.onnx"), "--size", "64").Expect(0);

        // Without --size both take the size of training: the masks are the same but for rounding at the threshold.
        foreach ((string file, string folder) in new[] { (weights, "torch"), (workspace.At("unet.onnx"), "onnx") })
        {
            tool.Run("predict", "--weights", file, "--input", Path.Combine(data, "images"), "--output", workspace.At(folder)).Expect(0);
            Assert.Equal(4, Directory.GetFiles(workspace.At(folder), "*.png").Length);
        }
    }

    [Theory]
    [InlineData("--model", "resnet")]
    [InlineData("--backbone", "vgg")]
    [InlineData("--attention", "fft")]
    [InlineData("--spatial", "all")]
    [InlineData("--sub-decoder", "triple")]
    public void A_part_that_there_is_not_is_2(string option, string value)
    {
        ToolResult result = tool.Run("train", "--images", "i", "--masks", "m", "--output", "o", option, value).Expect(2);
        Assert.Contains(value, result.Error, StringComparison.Ordinal);
    }
}
