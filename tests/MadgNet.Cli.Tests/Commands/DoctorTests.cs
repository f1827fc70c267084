using System.Text.Json;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

public sealed class DoctorTests(Tool tool)
{
    [Fact]
    public void A_healthy_set_is_0()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run("doctor", workspace.Pairs("set", 3)).Expect(0);
        Assert.Contains("Nothing was found.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_broken_or_lost_is_listed_and_1()
    {
        using var workspace = new Workspace();
        string set = workspace.Pairs("set", 3);
        string[] images = [.. Directory.GetFiles(Path.Combine(set, "images")).Order(StringComparer.Ordinal)];
        File.WriteAllText(images[0], "no image");
        File.Delete(Path.Combine(set, "masks", Path.GetFileName(images[1])));
        ToolResult result = tool.Run("doctor", "--images", Path.Combine(set, "images"), "--masks", Path.Combine(set, "masks"), "--json")
            .Expect(1);
        string[] kinds = [.. result.Result.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("severity").GetString() == "Error")
            .Select(finding => finding.GetProperty("kind").GetString()!)
            .Order()];
        Assert.Equal(["MissingMask", "Unreadable"], kinds);
    }

    [Fact]
    public void An_image_of_two_sets_is_a_leak()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run("doctor", workspace.Pairs("train", 3), "--against", workspace.Pairs("test", 3, skip: 2), "--json")
            .Expect(1);
        JsonElement finding = Assert.Single(
            result.Result.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("severity").GetString() == "Error");
        Assert.Equal("DuplicateAcrossSplits", finding.GetProperty("kind").GetString());
    }

    [Fact]
    public void A_set_against_itself_is_all_leaks()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("few", 3);
        ToolResult result = tool.Run("doctor", data, "--against", data, "--json").Expect(1);
        Assert.Equal(3, result.Result.GetProperty("findings").EnumerateArray()
            .Count(finding => finding.GetProperty("kind").GetString() == "DuplicateAcrossSplits"));
        Assert.Contains(
            "DuplicateAcrossSplits ×3, for example", tool.Run("doctor", data, "--against", data).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        ToolResult result = tool.Run("doctor", "nowhere").Expect(1);
        Assert.Contains("nowhere: received no such folder", result.Error, StringComparison.Ordinal);
    }
}
