namespace MadgNet.Core.Tests.Docs;

public class CodeBlockTests
{
    [Fact]
    public void Only_blocks_in_csharp_are_taken_with_their_first_line_of_code()
    {
        const string Markdown = """
            # Title
            ```bash
            ./build.sh test
            ```
            ```csharp
            int x = 1;
            x++;
            ```
            """;

        CodeBlock block = Assert.Single(CodeBlock.Extract("docs/a.md", Markdown));

        Assert.Equal("docs/a.md:6", block.ToString());
        Assert.Equal("int x = 1;\nx++;", block.Code);
        Assert.Null(block.CompileOnly);
    }

    [Fact]
    public void A_block_within_a_list_loses_the_lists_indentation_alone()
    {
        const string Markdown = "- item\n\n  ```csharp\n  if (true)\n  {\n      F();\n\n  }\n  ```\n";

        Assert.Equal("if (true)\n{\n    F();\n\n}", Assert.Single(CodeBlock.Extract("a.md", Markdown)).Code);
    }

    [Fact]
    public void A_comment_on_the_line_above_makes_a_block_compile_only()
    {
        const string Markdown = "<!-- compile-only: trains for an hour -->\n```csharp\nF();\n```";

        Assert.Equal("trains for an hour", Assert.Single(CodeBlock.Extract("a.md", Markdown)).CompileOnly);
    }

    [Fact]
    public void A_compile_only_comment_without_a_reason_is_refused()
    {
        FormatException exception = Assert.Throws<FormatException>(
            () => CodeBlock.Extract("a.md", "text\n<!-- compile-only: -->\n```csharp\nF();\n```"));

        Assert.Contains("a.md:2", exception.Message);
    }

    [Fact]
    public void A_fence_that_is_not_closed_is_refused()
    {
        FormatException exception = Assert.Throws<FormatException>(() => CodeBlock.Extract("a.md", "```csharp\nF();\n"));

        Assert.Contains("a.md:1", exception.Message);
    }
}
