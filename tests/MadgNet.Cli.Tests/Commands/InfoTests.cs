using System.Text.Json;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

public sealed class InfoTests(Tool tool)
{
    [Fact]
    public void The_environment_is_told_to_people_without_escape_codes()
    {
        ToolResult info = tool.Run("info").Expect(0);
        Assert.Contains("libtorch", info.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', info.Output + info.Error);
        Assert.DoesNotContain("failed", info.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_is_told_to_machines()
    {
        ToolResult info = tool.Run("info", "--json").Expect(0);
        Assert.Equal("done", info.Json.GetProperty("status").GetString());
        JsonElement environment = info.Result.GetProperty("environment");
        Assert.StartsWith("2.10", environment.GetProperty("libtorch").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("cpu", environment.GetProperty("devices").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            info.Result.GetProperty("nativeLibraries").EnumerateArray(),
            path => path.GetString()!.Contains("torch_cpu", StringComparison.Ordinal));
        Assert.All(info.Result.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("ok").GetBoolean()));
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("off", "off")]
    public void The_arithmetic_is_checked_and_told(string choice, string? expected)
    {
        ToolResult info = tool.Run(tool.Command, ["info", "--json"], new Dictionary<string, string?> { ["MADGNET_ONEDNN"] = choice })
            .Expect(0);
        JsonElement arithmetic = info.Result.GetProperty("arithmetic");
        string oneDnn = arithmetic.GetProperty("oneDnn").GetString()!;
        Assert.Contains(oneDnn, (IEnumerable<string>)(expected is null ? ["on", "off", "repaired"] : [expected]));
        Assert.True(arithmetic.GetProperty("verified").GetBoolean());
        Assert.InRange(arithmetic.GetProperty("worst").GetDouble(), 1e-9, 2e-5);
        Assert.Equal(oneDnn == "on", !arithmetic.GetProperty("reason").GetString()!.Contains("oneDNN", StringComparison.Ordinal));
        Assert.DoesNotContain("NNPACK!", info.Output + info.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_of_arithmetic_that_there_is_not_is_a_mistake_of_the_caller()
    {
        ToolResult info = tool.Run(tool.Command, ["info"], new Dictionary<string, string?> { ["MADGNET_ONEDNN"] = "fast" }).Expect(2);
        Assert.Contains("MADGNET_ONEDNN", info.Error, StringComparison.Ordinal);
        Assert.Contains("auto, on or off", info.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_libtorch_the_tool_says_so_and_does_what_needs_none()
    {
        using var workspace = new Workspace();
        string copy = workspace.At("tool");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(tool.Folder)
            .Where(file => !Path.GetFileName(file).Contains("torch_cpu", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        // TorchSharp helps itself from NuGet's cache where it finds one: a machine that has the tool alone has none.
        var environment = new Dictionary<string, string?> { ["NUGET_PACKAGES"] = workspace.At("cache") };
        ToolResult Run(params string[] arguments) => tool.Run("dotnet", [Path.Combine(copy, "madgnet.dll"), .. arguments], environment);

        ToolResult info = Run("info", "--json").Expect(1);
        Assert.Contains(
            "NoBackendPackage", info.Result.GetProperty("environment").GetProperty("libtorch").GetString(), StringComparison.Ordinal);
        Assert.Contains(info.Errors, message => message.Contains("no libtorch in", StringComparison.Ordinal));

        string data = workspace.Pairs("data", 2);
        Run("doctor", data).Expect(0);
        Run("inspect", Path.Combine(Tool.Checkpoints, "zip.pth")).Expect(0);
        Run("evaluate", "--predictions", Path.Combine(data, "masks"), "--masks", Path.Combine(data, "masks"), "--skip-unpaired").Expect(0);
        Run("inspect", tool.Onnx).Expect(0);
        Run("predict", "--weights", tool.Onnx, "--input", Path.Combine(data, "images"), "--output", workspace.At("masks")).Expect(0);
        Assert.Equal(2, Directory.GetFiles(workspace.At("masks")).Length);
        ToolResult export = Run("export", "--weights", tool.Trained.Weights, "--output", workspace.At("model.onnx")).Expect(1);
        Assert.Contains("no libtorch in", export.Error, StringComparison.Ordinal);
        ToolResult train = Run(
            "train",
            "--images",
            Path.Combine(data, "images"),
            "--masks",
            Path.Combine(data, "masks"),
            "--output",
            workspace.At("run"),
            "--validation",
            "none")
            .Expect(1);
        Assert.Contains("no libtorch in", train.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("run")));
    }
}
