using System.Reflection;

namespace MadgNet.Core.Tests.Docs;

[Collection(nameof(DocumentationTests))]
public class CodeBlockProgramTests
{
    [Fact]
    public void An_error_of_the_compiler_names_the_documents_line()
    {
        var block = new CodeBlock("docs/a.md", 12, "int x = 1;\nint y = \"text\";", null);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => CodeBlockProgram.Compile(block));

        Assert.Contains("docs/a.md:13: CS0029", exception.Message);
    }

    [Fact]
    public void An_exception_of_a_running_block_names_the_documents_line()
    {
        var block = new CodeBlock("docs/a.md", 12, "int x = 1;\nthrow new InvalidDataException(\"broken\");", null);
        Assembly program = CodeBlockProgram.Compile(block);
        using var workspace = new SampleWorkspace();

        InvalidDataException exception = Assert.Throws<InvalidDataException>(() => CodeBlockProgram.Run(program, workspace.Root));

        Assert.Contains("docs/a.md:line 13", exception.StackTrace);
    }

    [Fact]
    public void A_block_may_await_and_declare_types_and_sees_the_sample_data()
    {
        var block = new CodeBlock(
            "a.md",
            1,
            """
            using System.Text;
            await Task.Yield();
            File.WriteAllText("out.txt", 
                new Pair(Directory.GetFiles("data/images").Length, File.Exists("data/masks/01.png")).ToString(), Encoding.UTF8);
            record Pair(int Images, bool HasMask);
            """,
            null);
        using var workspace = new SampleWorkspace();

        CodeBlockProgram.Run(CodeBlockProgram.Compile(block), workspace.Root);

        Assert.Equal("Pair { Images = 6, HasMask = True }", File.ReadAllText(Path.Combine(workspace.Root, "out.txt")));
    }

    [Fact]
    public void The_working_folder_is_put_back_when_a_block_fails()
    {
        string before = Environment.CurrentDirectory;
        Assembly program = CodeBlockProgram.Compile(new CodeBlock("a.md", 1, "throw new Exception();", null));
        using var workspace = new SampleWorkspace();

        Assert.ThrowsAny<Exception>(() => CodeBlockProgram.Run(program, workspace.Root));

        Assert.Equal(before, Environment.CurrentDirectory);
    }

    [Fact]
    public void Internal_members_are_out_of_reach_as_they_are_for_a_user()
    {
        var block = new CodeBlock("a.md", 1, "Console.WriteLine(typeof(MadgNet.Core.Runtime.NativeDiagnosis));", null);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => CodeBlockProgram.Compile(block));

        Assert.Contains("CS0122", exception.Message);
    }
}
