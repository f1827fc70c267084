using System.Text.RegularExpressions;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

public sealed partial class ShardTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    [Fact]
    public void Shards_of_an_evaluation_are_the_report_of_one_process_to_the_byte()
    {
        using var workspace = new Workspace();
        string whole = workspace.At("whole", "report.json");
        string parts = workspace.At("parts", "report.json");
        string[] evaluate =
            ["evaluate", "--weights", Run.Weights, "--images", Run.Images, "--masks", Run.Masks, "--size", "native", "--quiet"];
        tool.Run([.. evaluate, "--output", whole]).Expect(0);
        tool.Run([.. evaluate, "--output", parts, "--shard", "1/2"]).Expect(0);
        tool.Run("merge", Part(parts, 1), "--output", parts).Expect(1);
        tool.Run([.. evaluate, "--output", parts, "--shard", "2/2"]).Expect(0);
        ToolResult again = tool.Run([.. evaluate[..^1], "--output", parts, "--shard", "2/2"]).Expect(0);
        Assert.Contains("0 are left", again.Error, StringComparison.Ordinal);
        tool.Run("merge", Part(parts, 2), Part(parts, 1), "--output", parts).Expect(0);
        Assert.Equal(File.ReadAllText(whole), File.ReadAllText(parts));
        tool.Run([.. evaluate, "--output", parts, "--shard", "2/2", "--threshold", "0.1"]).Expect(1);
        tool.Run([.. evaluate, "--shard", "2/2"]).Expect(2);
        tool.Run([.. evaluate, "--output", parts, "--shard", "3/2"]).Expect(2);
    }

    [Fact]
    public void Shards_of_a_prediction_leave_out_what_is_done_and_make_one_list()
    {
        using var workspace = new Workspace();
        string masks = workspace.At("masks");
        string[] predict = ["predict", "--weights", Run.Weights, "--input", Run.Images, "--output", masks, "--size", "native"];
        string whole = workspace.At("whole.json");
        tool.Run([.. predict, "--report", whole]).Expect(0);
        Dictionary<string, byte[]> expected = Directory.GetFiles(masks).ToDictionary(path => path, File.ReadAllBytes);
        Directory.Delete(masks, recursive: true);

        tool.Run([.. predict, "--shard", "1/2"]).Expect(0);
        string first = Directory.GetFiles(masks, "*.png").Order(StringComparer.Ordinal).First();
        File.Delete(first);
        Assert.Contains("1 are left", tool.Run([.. predict, "--shard", "1/2"]).Expect(0).Error, StringComparison.Ordinal);
        tool.Run(
            tool.Command,
            [.. predict, "--shard", "auto/2"],
            new Dictionary<string, string?> { ["JOB_COMPLETION_INDEX"] = "1" }).Expect(0);
        string merged = workspace.At("merged.json");
        string list = Path.Combine(masks, "predictions.json");
        tool.Run("merge", Part(list, 1), Part(list, 2), "-o", merged).Expect(0);
        Assert.Equal(File.ReadAllText(whole), File.ReadAllText(merged));
        Assert.All(expected, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        tool.Run([.. predict, "--shard", "1/2", "--threshold", "0.1"]).Expect(2);
    }

    /// <summary>What the files for clusters start is what the tool understands.</summary>
    [Theory]
    [InlineData("slurm-train.sbatch", "train")]
    [InlineData("slurm-predict.sbatch", "evaluate")]
    [InlineData("kubernetes-train.yaml", "train")]
    [InlineData("kubernetes-evaluate.yaml", "evaluate")]
    public void Files_for_clusters_name_options_that_there_are(string file, string command)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster", file));
        string help = tool.Run(command, "--help-all").Expect(0).Output;
        int begin = text.LastIndexOf("madgnet", text.IndexOf("--images", StringComparison.Ordinal), StringComparison.Ordinal);
        string[] options = [.. Option().Matches(text[begin..])
            .Select(match => match.Groups[1].Value)
            .Distinct()];
        Assert.Contains("--images", options);
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    private static string Part(string report, int number) => Path.ChangeExtension(report, null) + $".{number}-of-2.json";

    [GeneratedRegex(@"(?:^|[\s-])(--[a-z-]+)(?==|\s)", RegexOptions.Multiline)]
    private static partial Regex Option();
}
