using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.CommandLine;

/// <summary>Help, versions, mistakes on the command line, and what a pipe receives.</summary>
public sealed class HelpTests(Tool tool)
{
    private static readonly string[] Commands = ["train", "evaluate", "predict", "export", "inspect", "doctor", "serve", "study", "info"];

    [Fact]
    public void Help_names_every_command_and_the_exit_codes()
    {
        ToolResult help = tool.Run("--help").Expect(0);
        Assert.All(Commands, command => Assert.Contains($"\n  {command}", help.Output, StringComparison.Ordinal));
        Assert.Contains("0 done, 1 findings or failed, 2 usage, 130 cancelled", help.Output, StringComparison.Ordinal);
        Assert.Empty(help.Error);
    }

    [Fact]
    public void Every_command_has_help_with_examples()
    {
        Assert.All(Commands, command =>
        {
            ToolResult help = tool.Run(command, "--help").Expect(0);
            Assert.Contains($"Examples:{Environment.NewLine}  madgnet {command}", help.Output, StringComparison.Ordinal);
            if (help.Output.Contains("--size", StringComparison.Ordinal))
            {
                Assert.Matches(@"--size .*\[default: (the network's own, else )?352\]", help.Output);
            }
        });
    }

    [Fact]
    public void The_version_is_one_line()
    {
        ToolResult version = tool.Run("--version").Expect(0);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\s*$", version.Output);
    }

    [Theory]
    [InlineData("foresee")]
    [InlineData("predict")]
    [InlineData("predict --weights a --input b --output c --sise 3")]
    [InlineData("predict --weights a --input b --output c --size 0")]
    [InlineData("predict --weights a --input b --output c --threshold 2")]
    [InlineData("predict --weights a --input b --output c --device gpu")]
    [InlineData("train --images a --masks b --output c --size 100")]
    [InlineData("train --images a --masks b --output c --epochs 0")]
    [InlineData("train --images a --masks b --output c --backbone vgg")]
    [InlineData("train --images a --masks b --output c --learning-rate 0")]
    [InlineData("evaluate --masks a")]
    [InlineData("evaluate --masks a --predictions b --weights c --images d")]
    [InlineData("evaluate --masks a --predictions b --profile best")]
    [InlineData("evaluate --masks a --predictions b --labels 2 --label-names one")]
    [InlineData("doctor")]
    [InlineData("doctor a --images b --masks c")]
    [InlineData("export --weights a --output b.onnx --precision fp8")]
    [InlineData("predict --weights a.onnx --input b --output c --tta some")]
    [InlineData("inspect")]
    public void A_mistake_on_the_command_line_is_2_and_begins_nothing(string line)
    {
        ToolResult result = tool.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Expect(2);
        Assert.Empty(result.Output);
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_is_told_to_machines_too()
    {
        ToolResult result = tool.Run("predict", "--json", "--size", "x").Expect(2);
        Assert.Equal("usage", result.Json.GetProperty("status").GetString());
        Assert.Contains(result.Errors, message => message.Contains("received 'x'", StringComparison.Ordinal));
        Assert.Contains(result.Errors, message => message.Contains("--weights", StringComparison.Ordinal));
        result = tool.Run("evaluate", "--masks", "a", "--json").Expect(2);
        Assert.Contains(result.Errors, message => message.Contains("--predictions DIR", StringComparison.Ordinal));
    }
}
