using System.Globalization;
using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Tests.Commands;

public sealed class PredictTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    [Fact]
    public void A_folder_is_segmented_at_the_images_own_sizes_and_a_bad_image_does_not_stop_the_rest()
    {
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 3), "images");
        File.WriteAllText(Path.Combine(images, "broken.png"), "no image");
        string masks = workspace.At("masks");
        Directory.CreateDirectory(masks);
        string[] stems = [.. Directory.GetFiles(images)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Order(StringComparer.Ordinal)];
        File.WriteAllText(Path.Combine(masks, stems[0] + ".png"), "from an earlier run");

        ToolResult result = tool.Run(
            "predict",
            "--weights",
            Run.Weights,
            "--input",
            images,
            "--output",
            masks,
            "--size",
            "64",
            "--threshold",
            "0.4",
            "--probabilities",
            "--overlay",
            "--json")
            .Expect(1);

        Assert.Contains("broken.png", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Equal(3, result.Result.GetProperty("files").GetArrayLength());
        Assert.Equal(0.4, result.Result.GetProperty("threshold").GetDouble());
        string[] expected = [.. stems.Where(stem => stem != "broken")
            .SelectMany(stem => new[] { $"{stem}.overlay.png", $"{stem}.png", $"{stem}.prob.npy" })];
        Assert.Equal(expected, Directory.GetFileSystemEntries(masks).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        foreach (string stem in stems.Where(stem => stem != "broken"))
        {
            PixelImage image = new ImageReader().Read(Path.Combine(images, stem + ".png"));
            PixelImage mask = new ImageReader().Read(Path.Combine(masks, stem + ".png"));
            FloatImage probability = NpyFile.Read(Path.Combine(masks, stem + ".prob.npy")).ToImage();
            PixelImage overlay = new ImageReader().Read(Path.Combine(masks, stem + ".overlay.png"));
            Assert.Equal((image.Width, image.Height, 1, 8), (mask.Width, mask.Height, mask.Channels, mask.BitDepth));
            Assert.Equal((image.Width, image.Height, 1), (probability.Width, probability.Height, probability.Channels));
            Assert.Equal((image.Width, image.Height, 3), (overlay.Width, overlay.Height, overlay.Channels));
            Assert.Equal(probability.Data.ToArray().Select(value => value >= 0.4f ? byte.MaxValue : byte.MinValue), mask.Bytes.ToArray());
        }
    }

    [Fact]
    public void One_image_is_segmented()
    {
        using var workspace = new Workspace();
        string image = Directory.GetFiles(Run.Images).Order(StringComparer.Ordinal).First();
        ToolResult result = tool.Run("predict", "-w", Run.Weights, "-i", image, "-o", workspace.At("deep", "masks"), "--size", "64")
            .Expect(0);
        string mask = workspace.At("deep", "masks", Path.GetFileName(image));
        Assert.True(File.Exists(mask));
        Assert.Contains("1 of 1 images segmented", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output + result.Error);
    }

    [Fact]
    public void Folders_below_are_kept_and_two_images_of_one_name_are_not_mixed_up()
    {
        using var workspace = new Workspace();
        string image = Directory.GetFiles(Run.Images).Order(StringComparer.Ordinal).First();
        foreach (string name in new[] { "a.png", "ward/a.png", "ward/b.png", "ward/b.PNG" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(workspace.At("in", name))!);
            File.Copy(image, workspace.At("in", name));
        }

        ToolResult result = tool.Run(
            "predict", "-w", Run.Weights, "-i", workspace.At("in"), "-o", workspace.At("out"), "--size", "64", "--recursive", "--json")
            .Expect(1);
        Assert.Contains("would be called as one of", Assert.Single(result.Errors), StringComparison.Ordinal);
        string[] written = [.. Directory.GetFiles(workspace.At("out"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(workspace.At("out"), path))
            .Order(StringComparer.Ordinal)];
        Assert.Equal<string>(["a.png", Path.Combine("ward", "a.png"), Path.Combine("ward", "b.png")], written);
    }

    [Fact]
    public void Tiles_views_and_post_processing_are_applied()
    {
        using var workspace = new Workspace();
        string image = Directory.GetFiles(Run.Images).Order(StringComparer.Ordinal).First();
        string stem = Path.GetFileNameWithoutExtension(image);
        string[] line = ["predict", "-w", Run.Weights, "-i", image, "--tile", "128", "--probabilities", "--quiet"];
        tool.Run([.. line, "-o", workspace.At("plain")]).Expect(0);
        FloatImage plain = NpyFile.Read(workspace.At("plain", stem + ".prob.npy")).ToImage();
        float[] sorted = [.. plain.Data.ToArray().Order()];
        double threshold = sorted[sorted.Length * 3 / 4];

        tool.Run([
            .. line,
            "-o",
            workspace.At("one"),
            "--threshold",
            threshold.ToString("R", CultureInfo.InvariantCulture),
            "--keep-largest",
            "1"
        ])
            .Expect(0);
        bool[] all = [.. plain.Data.ToArray().Select(value => value >= threshold)];
        bool[] kept = [.. new ImageReader().Read(workspace.At("one", stem + ".png")).Bytes.ToArray()
            .Select(value => value == byte.MaxValue)];
        Assert.Equal(1, Objects(kept, plain));
        Assert.DoesNotContain(true, kept.Zip(all, (inside, foreground) => inside && !foreground));
        Assert.True(Objects(all, plain) > 1);

        tool.Run([.. line, "-o", workspace.At("views"), "--tta", "all"]).Expect(0);
        FloatImage views = NpyFile.Read(workspace.At("views", stem + ".prob.npy")).ToImage();
        Assert.Equal((plain.Height, plain.Width), (views.Height, views.Width));
        Assert.NotEqual(plain.Data.ToArray(), views.Data.ToArray());
    }

    [Theory]
    [InlineData("hostile/truncated.safetensors")]
    [InlineData("hostile/text.pth")]
    [InlineData("plain.safetensors")]
    [InlineData("nowhere.pth")]
    public void Weights_that_are_none_are_1_and_leave_no_folder(string name)
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run(
            "predict", "--weights", Path.Combine(Tool.Checkpoints, name), "--input", Run.Images, "--output", workspace.At("masks"))
            .Expect(1);
        Assert.Contains(name, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of madgnet", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("masks")));
    }

    [Fact]
    public void Another_number_of_labels_is_refused()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run("predict", "-w", Run.Weights, "-i", Run.Images, "-o", workspace.At("masks"), "--labels", "2")
            .Expect(2);
        Assert.Contains("2 for a model of 1", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_is_not_there_is_named()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run("predict", "-w", Run.Weights, "-i", workspace.At("in"), "-o", workspace.At("masks"), "--json")
            .Expect(2);
        Assert.Contains(workspace.At("in"), Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, result.Result.ValueKind);
    }

    /// <summary>How many objects a mask has: those in which it agrees with itself.</summary>
    private static long Objects(bool[] mask, FloatImage size) => ComponentCounts.Compute(mask, mask, size.Height, size.Width).TruePositives;
}
