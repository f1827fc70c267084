using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>
/// What images have to be like is said once, in training, and every command goes by it: several files or planes a case, windows,
/// letterboxing.
/// </summary>
public sealed class InputTests(Tool tool)
{
    private const int Height = 40;
    private const int Width = 64;

    [Fact]
    public void Cases_of_several_files_go_from_the_doctor_to_an_ONNX_file()
    {
        using var workspace = new Workspace();
        string[] cases = Cases(workspace, "cases", (planes, stem) =>
        {
            // The second file lies far outside 0..1: its window brings it there.
            NpyFile.Write(Plane(planes, 0, 1), stem + "_a.npy");
            NpyFile.Write(Plane(planes, 1, 1000), stem + "_b.npy");
        });
        Assert.Equal(4, cases.Length);
        Walk(workspace, "_a.npy", 2, "--channels-from", "_a,_b", "--window", "none,500:1000");

        // A case without one of its files: the doctor and training name it, prediction does the others.
        string images = workspace.At("cases", "images");
        File.Delete(Path.Combine(images, "case1_b.npy"));
        ToolResult sick = tool.Run(
            "doctor", workspace.At("cases"), "--channels-from", "_a,_b", "--window", "none,500:1000", "--json").Expect(1);
        Assert.Contains("case1_b", sick.Output, StringComparison.Ordinal);
        ToolResult refused = tool.Run(
            "train", "--images", images, "--masks", workspace.At("cases", "masks"), "--output", workspace.At("none"),
            "--channels-from", "_a,_b").Expect(1);
        Assert.Contains("case1_b", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("none")));
        ToolResult predicted = tool.Run(
            "predict", "--weights", workspace.At("run", "best.safetensors"), "--input", images, "--output", workspace.At("rest"), "--json")
            .Expect(1);
        Assert.Contains("case1_b", string.Join('\n', predicted.Errors), StringComparison.Ordinal);
        Assert.Equal(3, predicted.Result.GetProperty("files").GetArrayLength());
    }

    [Fact]
    public void Planes_of_an_array_go_from_the_doctor_to_an_ONNX_file()
    {
        using var workspace = new Workspace();
        Cases(workspace, "cases", (planes, stem) =>
        {
            var all = new FloatImage(4, Height, Width);
            for (int c = 0; c < 4; c++)
            {
                Plane(planes, c, 1000).Data.CopyTo(all.Plane(c));
            }

            NpyFile.Write(all, stem + ".npy");
        });
        Walk(workspace, ".npy", 4, "--channels-from", "pages:4", "--window", "500:1000");

        // Files of another number of planes.
        NpyFile.Write(new FloatImage(3, Height, Width), workspace.At("cases", "images", "case0.npy"));
        ToolResult result = tool.Run(
            "predict", "--weights", workspace.At("run", "best.safetensors"), "--input", workspace.At("cases", "images", "case0.npy"),
            "--output", workspace.At("other"), "--json").Expect(1);
        Assert.Contains("case0.npy", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--window", "500")]
    [InlineData("--window", "wide:1000")]
    [InlineData("--window", "500:-1")]
    [InlineData("--window", "none,500:1000")]
    [InlineData("--channels-from", "pages:none")]
    [InlineData("--channels-from", "pages:0")]
    [InlineData("--channels-from", "_a,_a")]
    public void A_value_that_cannot_be_is_2_and_names_the_option(string option, string value)
    {
        foreach (string[] command in new string[][] { ["train", "--images", "i", "--masks", "m", "--output", "o"], ["doctor", "i"] })
        {
            ToolResult result = tool.Run([.. command, option, value]).Expect(2);
            Assert.Contains(option + ": received", result.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Doctor, training, evaluation, prediction, export, and prediction and evaluation with the exported file.</summary>
    private void Walk(Workspace workspace, string end, int channels, params string[] input)
    {
        string images = workspace.At("cases", "images");
        string masks = workspace.At("cases", "masks");
        string weights = workspace.At("run", "best.safetensors");
        string onnx = workspace.At("model.onnx");
        ToolResult doctor = tool.Run(["doctor", workspace.At("cases"), .. input, "--no-duplicates", "--json"]).Expect(0);
        JsonElement set = Assert.Single(doctor.Result.GetProperty("sets").EnumerateArray());
        Assert.Equal(4, set.GetProperty("readable").GetInt32());
        Assert.Equal(channels, Assert.Single(set.GetProperty("channels").EnumerateArray()).GetInt32());

        tool.Run(
            [
                "train", "--images", images, "--masks", masks, "--output", workspace.At("run"), .. input, "--letterbox", "--size", "64",
                "--epochs", "2", "--batch", "2", "--validation", "none", "--model", "unet", "--backbone", "resnet18",
                "--learning-rate", "1e-3", "--augmentation", "none",
            ]).Expect(0);
        if (!File.Exists(weights))
        {
            File.Copy(workspace.At("run", "last.safetensors"), weights);
        }

        JsonElement kept = tool.Run("inspect", weights, "--json").Expect(0).Result.GetProperty("options").GetProperty("Input");
        Assert.Equal(channels, kept.GetProperty("Channels").GetInt32());
        Assert.Equal("Letterbox", kept.GetProperty("Fit").GetString());
        Assert.Equal(1000, kept.GetProperty("Windows").EnumerateArray().Last().GetProperty("Width").GetDouble());
        tool.Run("export", "--weights", weights, "--output", onnx).Expect(0);

        // What the weights keep is enough: no command is told again, and both forms of the network see the same values.
        foreach ((string file, string name) in new[] { (weights, "torch"), (onnx, "onnx") })
        {
            tool.Run(
                "predict", "--weights", file, "--input", images, "--output", workspace.At(name), "--probabilities", "--overlay").Expect(0);
            tool.Run(
                "evaluate", "--weights", file, "--images", images, "--masks", masks, "--output", workspace.At(name + ".json")).Expect(0);
        }

        for (int i = 0; i < 4; i++)
        {
            FloatImage torch = Probability(workspace.At("torch", $"case{i}.prob.npy"));
            FloatImage exported = Probability(workspace.At("onnx", $"case{i}.prob.npy"));
            Assert.Equal((1, Height, Width), (torch.Channels, torch.Height, torch.Width));
            double difference = torch.Data.ToArray().Zip(exported.Data.ToArray(), (a, b) => Math.Abs(a - b)).Max();

            // Two implementations of the same arithmetic in float32.
            Assert.True(difference < 1e-3, $"case {i} differs by {difference}");
            Assert.True(torch.Data.ToArray().Max() - torch.Data.ToArray().Min() > 1e-3, "The probabilities depend on nothing.");
        }

        // One case by one of its files is the same as in its folder.
        tool.Run(
            "predict", "--weights", weights, "--input", Path.Combine(images, "case2" + end), "--output", workspace.At("alone"),
            "--probabilities").Expect(0);
        Assert.Equal(
            Probability(workspace.At("torch", "case2.prob.npy")).Data.ToArray(),
            Probability(workspace.At("alone", "case2.prob.npy")).Data.ToArray());
    }

    /// <summary>Four cases of a bright disc on dark noise, with their masks; the function writes their images.</summary>
    private static string[] Cases(Workspace workspace, string name, Action<Func<int, int, int, float>, string> write)
    {
        Directory.CreateDirectory(workspace.At(name, "images"));
        Directory.CreateDirectory(workspace.At(name, "masks"));
        string[] stems = [.. Enumerable.Range(0, 4).Select(i => $"case{i}")];
        for (int i = 0; i < stems.Length; i++)
        {
            var random = new Random(i);
            float[] noise = [.. Enumerable.Range(0, Height * Width).Select(_ => (float)random.NextDouble() * 0.3f)];
            int center = 20 + (8 * i);
            bool Inside(int y, int x) => (((y - 20) * (y - 20)) + ((x - center) * (x - center))) < 100;
            write((c, y, x) => noise[(y * Width) + x] + (Inside(y, x) ? 0.5f + (0.05f * c) : 0), workspace.At(name, "images", stems[i]));
            byte[] mask = [.. Enumerable.Range(0, Height * Width).Select(at => (byte)(Inside(at / Width, at % Width) ? 255 : 0))];
            ImageWriter.Write(new PixelImage(Width, Height, 1, mask), workspace.At(name, "masks", stems[i] + ".png"));
        }

        return stems;
    }

    private static FloatImage Plane(Func<int, int, int, float> values, int channel, float scale)
    {
        var plane = new FloatImage(1, Height, Width);
        for (int at = 0; at < Height * Width; at++)
        {
            plane.Data[at] = values(channel, at / Width, at % Width) * scale;
        }

        return plane;
    }

    private static FloatImage Probability(string path) => NpyFile.Read(path).ToImage();
}
