using System.Text.Json;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

public sealed class InspectTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    public static TheoryData<string> Hostile =>
        [.. Directory.GetFiles(Path.Combine(Tool.Checkpoints, "hostile"))
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    [Fact]
    public void A_file_of_this_library_tells_its_network()
    {
        ToolResult result = tool.Run("inspect", Run.Weights, "--json").Expect(0);
        Assert.Equal(33_366_372, result.Result.GetProperty("parameters").GetInt64());
        Assert.Equal("resnest50", result.Result.GetProperty("options").GetProperty("Encoder").GetString());
        Assert.Equal("1", result.Result.GetProperty("metadata").GetProperty("training.epoch").GetString());
        JsonElement first = result.Result.GetProperty("tensors")[0];
        Assert.Equal(JsonValueKind.Array, first.GetProperty("shape").ValueKind);
        Assert.Contains("33,366,372 of them parameters", tool.Run("inspect", Run.Weights).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_PyTorch_tells_its_tensors_and_its_epoch()
    {
        string[] lines = tool.Run("inspect", Path.Combine(Tool.Checkpoints, "training_state.pth.tar"), "--tensors")
            .Expect(0).Output.Split('\n');
        Assert.Contains(
            lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["conv.weight", "Float32", "4×3×3×3", "108"]);
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["current_epoch", "200"]);
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_bad_file_is_1_with_a_reason_and_nothing_on_standard_output(string name)
    {
        ToolResult result = tool.Run("inspect", Path.Combine(Tool.Checkpoints, "hostile", name)).Expect(1);
        Assert.Empty(result.Output);
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("expected", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of madgnet", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        ToolResult result = tool.Run("inspect", "nowhere.safetensors", "--json").Expect(1);
        Assert.Contains("nowhere.safetensors", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Equal("failed", result.Json.GetProperty("status").GetString());
    }
}
