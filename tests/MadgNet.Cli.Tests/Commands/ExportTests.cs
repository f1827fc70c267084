using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.Tests.Commands;

public sealed class ExportTests(Tool tool)
{
    [Fact]
    public void An_exported_network_tells_its_input_and_predicts_what_the_weights_predict()
    {
        using var workspace = new Workspace();
        JsonElement model = tool.Run("inspect", tool.Onnx, "--json").Expect(0).Result;
        JsonElement input = Assert.Single(model.GetProperty("inputs").EnumerateArray());
        Assert.Equal<string?>(["batch", "3", "64", "64"], input.GetProperty("shape").EnumerateArray().Select(size => size.GetString()));
        Assert.Equal("resnest50", model.GetProperty("options").GetProperty("Encoder").GetString());
        Assert.InRange(model.GetProperty("opset").GetInt32(), 17, 100);

        string[] line = ["predict", "--input", tool.Trained.Images, "--probabilities", "--quiet"];
        tool.Run([.. line, "--weights", tool.Onnx, "--output", workspace.At("onnx")]).Expect(0);
        tool.Run([.. line, "--weights", tool.Trained.Weights, "--output", workspace.At("torch"), "--size", "64"]).Expect(0);
        string[] files = [.. Directory.GetFiles(workspace.At("torch"), "*.npy").Select(path => Path.GetFileName(path))];
        Assert.Equal(4, files.Length);
        Assert.All(files, file =>
        {
            float[] expected = NpyFile.Read(workspace.At("torch", file)).ToImage().Data.ToArray();
            float[] actual = NpyFile.Read(workspace.At("onnx", file)).ToImage().Data.ToArray();
            Assert.Equal(expected.Length, actual.Length);

            // The bound that an exported network is held to.
            Assert.True(expected.Zip(actual, (one, other) => Math.Abs(one - other)).Max() <= 1e-4f);
        });
    }

    [Fact]
    public void All_outputs_and_int8_are_exported()
    {
        using var workspace = new Workspace();
        string path = workspace.At("deep", "all.onnx");
        JsonElement result = tool.Run(
            "export",
            "--weights",
            tool.Trained.Weights,
            "--output",
            path,
            "--size",
            "native",
            "--all-outputs",
            "--precision",
            "int8",
            "--json")
            .Expect(0).Result;
        Assert.Equal(new FileInfo(path).Length, result.GetProperty("bytes").GetInt64());
        Assert.True(new FileInfo(path).Length < new FileInfo(tool.Onnx).Length / 2);
        JsonElement model = tool.Run("inspect", path, "--json").Expect(0).Result;
        Assert.Equal(12, model.GetProperty("outputs").GetArrayLength());
        Assert.DoesNotContain("352", model.GetProperty("inputs")[0].GetProperty("shape").EnumerateArray().Select(size => size.GetString()));
        Assert.Equal(["all.onnx"], Directory.GetFileSystemEntries(workspace.At("deep")).Select(file => Path.GetFileName(file)));
    }

    [Fact]
    public void A_size_that_the_file_does_not_take_is_refused()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run(
            "predict", "--weights", tool.Onnx, "--input", tool.Trained.Images, "--output", workspace.At("masks"), "--size", "96")
            .Expect(1);
        Assert.Contains("64×64", result.Error, StringComparison.Ordinal);
        tool.Run("predict", "--weights", tool.Onnx, "--input", tool.Trained.Images, "--output", workspace.At("masks"), "--device", "cuda")
            .Expect(2);
    }

    [Fact]
    public void Bad_files_are_1_and_nothing_is_written()
    {
        using var workspace = new Workspace();
        tool.Run(
            "export", "--weights", Path.Combine(Tool.Checkpoints, "hostile", "truncated.safetensors"), "--output", workspace.At("a.onnx"))
            .Expect(1);
        tool.Run("export", "--weights", Path.Combine(Tool.Checkpoints, "zip.pth"), "--output", workspace.At("a.onnx")).Expect(1);
        Assert.Empty(Directory.GetFileSystemEntries(workspace.Root));

        File.WriteAllBytes(workspace.At("broken.onnx"), [8, 7, 255, 255, 255, 255, 255, 1, 2, 3]);
        ToolResult inspected = tool.Run("inspect", workspace.At("broken.onnx")).Expect(1);
        Assert.Empty(inspected.Output);
        Assert.Contains("broken.onnx", inspected.Error, StringComparison.Ordinal);
        ToolResult predicted = tool.Run(
            "predict", "--weights", workspace.At("broken.onnx"), "--input", tool.Trained.Images, "--output", workspace.At("masks"))
            .Expect(1);
        Assert.DoesNotContain("fault of madgnet", predicted.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("masks")));
    }
}
