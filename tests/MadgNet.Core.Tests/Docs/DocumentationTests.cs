using System.Reflection;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Docs;

/// <summary>Compiles and runs the C# of README.md, docs and the packages' READMEs, so that what users copy works.</summary>
/// <remarks>Not in parallel with other tests: a block's working folder is the process's.</remarks>
[Collection(nameof(DocumentationTests))]
[CollectionDefinition(nameof(DocumentationTests), DisableParallelization = true)]
public class DocumentationTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, CodeBlock>> All = new(ReadAll);

    public static IEnumerable<TheoryDataRow<string>> Blocks =>
        All.Value.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles_and_runs(string name)
    {
        CodeBlock block = All.Value[name];
        Assembly program = CodeBlockProgram.Compile(block);
        if (block.CompileOnly is null)
        {
            using var workspace = new SampleWorkspace();
            CodeBlockProgram.Run(program, workspace.Root);
        }
    }

    [Fact]
    public void The_documents_are_found()
    {
        if (RepositoryFolder.Find() is not { } root)
        {
            Assert.Skip("needs the repository's folder, and the tests run outside it");
            return;
        }

        Assert.Contains("README.md", Documents(root));
        Assert.Contains("docs/development.md", Documents(root));
        Assert.Contains("src/MadgNet.Core/README.md", Documents(root));
    }

    private static IReadOnlyDictionary<string, CodeBlock> ReadAll() => RepositoryFolder.Find() is { } root
        ? Documents(root)
            .SelectMany(document => CodeBlock.Extract(document, File.ReadAllText(Path.Combine(root, document))))
            .ToDictionary(block => block.ToString(), StringComparer.Ordinal)
        : new Dictionary<string, CodeBlock>();

    private static IReadOnlyList<string> Documents(string root) => DocumentFiles.WithCode(root);
}
