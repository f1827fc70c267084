using System.Text.RegularExpressions;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;

namespace MadgNet.Cli.Tests.Output;

/// <summary>What the library says reaches a user of the tool in the tool's words.</summary>
public sealed partial class ToolWordsTests
{
    [Theory]
    [InlineData("Raise ImageReadOptions.MaximumPixels if the file can be trusted", "Raise --max-pixels if the file can be trusted")]
    [InlineData("Restore the mask, or set Unpaired to LeaveOut", "Restore the mask, or add --skip-unpaired")]
    [InlineData("Set DropLast, or choose another batch size", "Choose another --batch, or add images")]
    [InlineData("Leave DctSizes empty for the published rule", "Leave dct sizes empty for the published rule")]
    [InlineData("a mask named like 'MaximumPixels' in 'LabelSource/x'", "a mask named like 'MaximumPixels' in 'LabelSource/x'")]
    [InlineData("ResNet-18 of PyTorch, in TensorBoard", "ResNet-18 of PyTorch, in TensorBoard")]
    public void An_instruction_names_options_of_the_tool(string library, string tool) => Assert.Equal(tool, ToolWords.Say(library));

    /// <summary>Every text of the library that may end in a message, with the names that it is composed of.</summary>
    [Fact]
    public void No_text_of_the_library_names_code_in_the_tool()
    {
        string? root = Repository();
        Assert.SkipWhen(root is null, "needs the repository's folder, and the tests run outside it");
        string[] texts = [.. new[] { "MadgNet.Core", "MadgNet.Onnx", "MadgNet.Medical" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(root, "src", project), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(path => Literal().Matches(Comment().Replace(File.ReadAllText(path), string.Empty)))
            .Select(match => Named().Replace(match.Groups[1].Value, name => name.Groups[1].Value))
            .Where(text => text.Contains(' ', StringComparison.Ordinal))];
        Assert.True(texts.Length > 500, $"{texts.Length} texts were found");
        Assert.Contains(texts, ToolWords.NamesCode);
        string[] left = [.. texts.Select(ToolWords.Say).Where(ToolWords.NamesCode).Distinct()];
        Assert.True(left.Length == 0, string.Join(Environment.NewLine, left));
    }

    [Fact]
    public void A_subject_that_is_an_option_becomes_the_tools()
    {
        Problem problem = ToolWords.Of(new Problem("OutputFolder", "'x'", "a folder", "Set OutputFolder"));
        Assert.Equal("--output: received 'x'; expected a folder. Set --output.", problem.ToString());
        Assert.Equal(FindingKind.Unreadable.ToString(), ToolWords.Say(FindingKind.Unreadable.ToString()));
    }

    private static string? Repository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MadgNet.Core.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }

    [GeneratedRegex("\"((?:[^\"\\\\\\n]|\\\\.)*)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"^\s*///.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\{nameof\((?:\w+\.)*(\w+)\)\}")]
    private static partial Regex Named();
}
