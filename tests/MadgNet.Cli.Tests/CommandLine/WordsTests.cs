using System.Text.Json;
using MadgNet.Cli.Output;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.CommandLine;

/// <summary>What the tool says to mistakes is about its options, and names nothing of the library's code.</summary>
public sealed class WordsTests(Tool tool)
{
    [Fact]
    public void No_message_names_a_property_or_a_type()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        Directory.CreateDirectory(workspace.At("empty"));
        File.WriteAllText(workspace.At("text.png"), "no image");
        string[] files = Directory.GetFiles(Path.Combine(data, "masks"));
        Directory.CreateDirectory(workspace.At("few"));
        File.Copy(files[0], workspace.At("few", Path.GetFileName(files[0])));
        string run = tool.Trained.Folder;
        string[] train = ["train", "--images", Path.Combine(data, "images"), "--masks", Path.Combine(data, "masks"), "--output",
            workspace.At("new")];
        string[][] lines =
        [
            [.. train, "--size", "abc"],
            [.. train, "--size", "50"],
            [.. train, "--batch", "1"],
            [.. train, "--epochs", "1.5"],
            [.. train, "--label-values", "7"],
            [.. train, "--labels", "2"],
            [.. train, "--validation", "0,2"],
            [.. train, "--validation", "1.5"],
            [.. train, "--channels-from", "pages:0"],
            [.. train, "--window", "5"],
            [.. train, "--pretrained", "alexnet"],
            [.. train, "--encoder-weights", run],
            [.. train, "--config", workspace.At("text.png")],
            ["train", "--images", Path.Combine(data, "images"), "--masks", workspace.At("few"), "--output", workspace.At("new")],
            ["train", "--images", Path.Combine(data, "images"), "--masks", workspace.At("empty"), "--output", workspace.At("new")],
            ["train", tool.Trained.Data, "--output", run, "--resume", "--epochs", "1", "--batch", "4", "--size", "96", "--seed", "9"],
            ["train", tool.Trained.Data, "--output", run],
            ["predict", "--weights", run, "--input", workspace.At("text.png"), "--output", workspace.At("out")],
            ["predict", "--weights", run, "--input", workspace.At("empty"), "--output", workspace.At("out")],
            ["predict", "--weights", run, "--input", data, "--output", workspace.At("out"), "--recursive", "--tile", "100"],
            ["predict", "--weights", workspace.At("text.png"), "--input", data, "--output", workspace.At("out")],
            ["predict", "--weights", run, "--input", Path.Combine(data, "images"), "--output", workspace.At("out"), "--labels", "3"],
            ["evaluate", "--weights", run, data, "--labels", "2"],
            ["evaluate", "--predictions", workspace.At("empty"), "--masks", Path.Combine(data, "masks")],
            ["evaluate", "--predictions", workspace.At("few"), "--masks", Path.Combine(data, "masks")],
            ["evaluate", "--weights", run, data, "--spacing", "a"],
            ["export", "--weights", run, "--output", workspace.At("a.onnx"), "--size", "50"],
            ["inspect", workspace.At("text.png")],
            ["doctor", "--images", Path.Combine(data, "images"), "--masks", workspace.At("few")],
            ["compare", workspace.At("text.png"), workspace.At("text.png"), "--names", "a,b"],
            ["report", workspace.At("empty"), "--output", workspace.At("a.html")],
            ["merge", workspace.At("text.png"), "--output", workspace.At("b.json")],
            ["study", "run", workspace.At("text.png"), "--data", data, "--output", workspace.At("s")],
            ["study", "run", "scales", "--data", data, "--output", workspace.At("s"), "--seeds", "x"],
        ];
        var named = new List<string>();
        foreach (string[] line in lines)
        {
            ToolResult result = tool.Run([.. line, "--json"]);
            Assert.NotEqual(0, result.ExitCode);
            Assert.DoesNotContain("fault of madgnet", result.Error, StringComparison.Ordinal);
            Assert.NotEmpty(result.Errors.Concat(Findings(result)));
            named.AddRange(result.Errors
                .Concat(Findings(result))
                .Where(NamesCode)
                .Select(message => $"{string.Join(' ', line)}: {message}"));
        }

        Assert.True(named.Count == 0, string.Join(Environment.NewLine, named));
    }

    [Theory]
    [InlineData("train --imges a --masks b --output c", "--imges: there is no such option; did you mean --images?")]
    [InlineData("predict --wieghts a --input b --output c", "--wieghts: there is no such option; did you mean --weights?")]
    [InlineData("trian", "'trian' is no command; did you mean train?")]
    [InlineData("train a --output c --augmentation strng", "Did you mean strong?")]
    [InlineData("train a --output c --learning-rate 0,001", "Write 0.001: a point parts the decimals.")]
    [InlineData("info -q -v", "--quiet: received together with --verbose")]
    public void A_mistake_has_one_line_with_what_was_meant(string line, string expected)
    {
        ToolResult result = tool.Run([.. line.Split(' '), "--json"]).Expect(2);
        Assert.Contains(expected, Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("help train")]
    [InlineData("train --help-all")]
    [InlineData("version")]
    [InlineData("-V")]
    public void What_people_type_at_other_tools_works(string line) =>
        Assert.NotEmpty(tool.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Expect(0).Output);

    private static bool NamesCode(string message) =>
        ToolWords.NamesCode(message)
        || message.Contains("System.", StringComparison.Ordinal)
        || message.Contains("[0].", StringComparison.Ordinal);

    private static IEnumerable<string> Findings(ToolResult result) =>
        result.Result.TryGetProperty("findings", out JsonElement findings)
            ? findings.EnumerateArray().Select(finding => finding.GetProperty("remedy").GetString()!)
            : [];
}
