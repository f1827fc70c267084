using System.Diagnostics;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>The commands of studies as a person uses them.</summary>
public sealed class StudyTests(Tool tool) : IDisposable
{
    private const string Study = """
        {
          "schema": "madgnet-study", "version": 1, "name": "small",
          "recipe": { "model": "unet", "encoder": "resnet18", "size": 32, "batch": 2 },
          "variants": [{ "name": "plain" }, { "name": "mfca", "changes": { "channelAttention": "dct" } }],
          "baseline": "plain", "seeds": [0],
          "protocol": { "seen": ["mine"], "unseen": ["theirs"], "testShare": 0.3, "validationShare": 0 },
          "budget": { "steps": 2 }
        }
        """;

    private static readonly string[] Files = ["report.md", "report.csv", "report.tex", "report.json", "matrix.svg"];

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Built_in_studies_are_listed_and_written_as_files()
    {
        ToolResult list = tool.Run("study", "list").Expect(0);
        Assert.Contains("first-experiments-1", list.Output, StringComparison.Ordinal);
        string file = _workspace.At("study.json");
        ToolResult shown = tool.Run("study", "list", "scales", "--save", file, "--json").Expect(0);
        Assert.Equal("s3", shown.Json.GetProperty("result").GetProperty("study").GetProperty("baseline").GetString());
        Assert.Contains("\"madgnet-study\"", File.ReadAllText(file), StringComparison.Ordinal);
        tool.Run("study", "list", "scales", "--save", file).Expect(2);
    }

    [Theory]
    [InlineData("study")]
    [InlineData("study run scales --output x")]
    [InlineData("study run scales --data d --output x --steps 1 --epochs 1")]
    [InlineData("study run scales --data d --output x --steps 0")]
    [InlineData("study run scales --data d --output x --seeds one")]
    [InlineData("study run scales --data d --output x --changes [1]")]
    [InlineData("study run scales --data d --output x --shard 4/3")]
    [InlineData("study report")]
    public void Mistakes_begin_nothing(string line) => tool.Run(line.Split(' ')).Expect(2);

    [Fact]
    public void What_is_missing_is_said_before_anything_is_run()
    {
        ToolResult run = tool.Run("study", "run", "scales", "--data", _workspace.Root, "--output", _workspace.At("out")).Expect(1);
        Assert.Contains("kvasir_seg", run.Error, StringComparison.Ordinal);
        Assert.Contains("--seen", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace.At("out")));
        tool.Run("study", "report", _workspace.Root).Expect(1);
        tool.Run("study", "run", "absent", "--data", _workspace.Root, "--output", _workspace.At("out")).Expect(1);
    }

    [Fact]
    public void A_study_that_is_killed_and_continued_gives_the_report_of_one_run_through()
    {
        _workspace.Pairs(Path.Combine("data", "mine"), 8);
        _workspace.Pairs(Path.Combine("data", "theirs"), 3, skip: 8);
        string study = _workspace.At("study.json");
        File.WriteAllText(study, Study);
        string[] Arguments(string output) =>
            ["study", "run", study, "--data", _workspace.At("data"), "--output", _workspace.At(output), "--threads", "1"];

        long begin = Stopwatch.GetTimestamp();
        ToolResult whole = tool.Run(Arguments("whole")).Expect(0);
        double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        Assert.Contains("2 of 2 cells done, 0 failed", whole.Output, StringComparison.Ordinal);
        var random = new Random(3);
        for (int kill = 0; kill < 3; kill++)
        {
            tool.RunAndKillAfter(TimeSpan.FromMilliseconds(milliseconds * (0.2 + (0.5 * random.NextDouble()))), Arguments("killed"));
        }

        tool.Run(Arguments("killed")).Expect(0);
        Assert.All(Files, name => Assert.Equal(
            File.ReadAllText(_workspace.At("whole", name)), File.ReadAllText(_workspace.At("killed", name))));

        string page = _workspace.At("small.html");
        tool.Run("report", _workspace.At("whole"), "--output", page).Expect(0);
        string html = File.ReadAllText(page);
        Assert.All(["Set by set", "Cost", "mfca"], text => Assert.Contains(text, html, StringComparison.Ordinal));
        ToolResult mixed = tool.Run(
            "report", _workspace.At("whole"), "--images", _workspace.At("data"), "--masks", _workspace.At("data"), "-o", page).Expect(2);
        Assert.Contains("a study's page has no pictures", mixed.Error, StringComparison.Ordinal);
    }
}
