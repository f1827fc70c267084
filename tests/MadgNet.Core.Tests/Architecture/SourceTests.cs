using System.Text.RegularExpressions;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Architecture;

/// <summary>What every source file of the repository keeps to.</summary>
public partial class SourceTests
{
    [Theory]
    [InlineData("src/MadgNet.Core", "MadgNet.Core")]
    [InlineData("src/MadgNet.Onnx", "MadgNet.Onnx")]
    [InlineData("src/MadgNet.Distributed", "MadgNet.Distributed")]
    [InlineData("src/MadgNet.Reports", "MadgNet.Reports")]
    [InlineData("src/MadgNet.Pretrained.ResNet18", "MadgNet.Pretrained.ResNet18")]
    [InlineData("src/MadgNet.Studies", "MadgNet.Studies")]
    [InlineData("src/MadgNet.Onnx.Hosting", "MadgNet.Onnx.Hosting")]
    [InlineData("src/MadgNet.AspNetCore", "MadgNet.AspNetCore")]
    [InlineData("tests/MadgNet.AspNetCore.Tests", "MadgNet.AspNetCore.Tests")]
    [InlineData("src/MadgNet.Cli", "MadgNet.Cli")]
    [InlineData("tests/MadgNet.Core.Tests", "MadgNet.Core.Tests")]
    [InlineData("tests/MadgNet.Onnx.Tests", "MadgNet.Onnx.Tests")]
    [InlineData("tests/MadgNet.Distributed.Tests", "MadgNet.Distributed.Tests")]
    [InlineData("tests/MadgNet.Distributed.Worker", "MadgNet.Distributed.Worker")]
    [InlineData("tests/MadgNet.Reports.Tests", "MadgNet.Reports.Tests")]
    [InlineData("src/MadgNet.Medical", "MadgNet.Medical")]
    [InlineData("tests/MadgNet.Medical.Tests", "MadgNet.Medical.Tests")]
    [InlineData("tests/MadgNet.Studies.Tests", "MadgNet.Studies.Tests")]
    [InlineData("tests/MadgNet.Cli.Tests", "MadgNet.Cli.Tests")]
    public void Namespaces_follow_folders(string project, string name)
    {
        string folder = Path.Combine(RepositoryFolder.Require(), project);
        var wrong = new List<string>();
        foreach (string path in SourceDependencies.Files(folder))
        {
            string file = Path.GetRelativePath(folder, path);
            string expected = string.Join('.', [name, .. file.Split(Path.DirectorySeparatorChar).SkipLast(1)]);
            Match declared = Namespace().Match(File.ReadAllText(path));
            if (declared.Success && declared.Groups[1].Value != expected)
            {
                wrong.Add($"{project}/{file}: received {declared.Groups[1].Value}; expected {expected}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("samples")]
    [InlineData("eng")]
    public void No_line_is_longer_than_140_characters(string part)
    {
        string folder = Path.Combine(RepositoryFolder.Require(), part);
        Assert.Empty(SourceDependencies.Files(folder).SelectMany(path => File.ReadLines(path)
            .Select((line, index) => (line, index))
            // The formatter joins what is broken inside an interpolated string: such a text may be longer.
            .Where(entry => entry.line.Length > 140 && !entry.line.Contains("$\"", StringComparison.Ordinal))
            .Select(entry => $"{Path.GetRelativePath(folder, path)}:{entry.index + 1}")));
    }

    [GeneratedRegex(@"^namespace\s+([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
