using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.CommandLine;

/// <summary>The scripts of <c>madgnet completion</c>; that of bash is run by bash.</summary>
public sealed class CompletionTests(Tool tool)
{
    [Theory]
    [InlineData("madgnet tr", "train")]
    [InlineData("madgnet train --augm", "--augmentation")]
    [InlineData("madgnet train --augmentation ", "published strong crop none")]
    [InlineData("madgnet study ", "list run report")]
    [InlineData("madgnet study run --quick --keep", "--keep-runs")]
    [InlineData("madgnet train --images ", "")]
    public void Bash_completes(string typed, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "needs bash");
        using var workspace = new Workspace();
        File.WriteAllText(workspace.At("madgnet.bash"), tool.Run("completion", "bash").Expect(0).Output);
        string words = string.Join(' ', typed.Split(' ').Select(word => $"'{word}'"));
        ToolResult result = tool.Run(
            "/bin/bash",
            ["-c", $"source '{workspace.At("madgnet.bash")}'; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _madgnet; "
                + "echo \"${COMPREPLY[*]}\""],
            null).Expect(0);
        Assert.Equal(expected, result.Output.Trim());
    }

    [Theory]
    [InlineData("zsh", "#compdef madgnet")]
    [InlineData("fish", "complete -c madgnet")]
    [InlineData("powershell", "Register-ArgumentCompleter -Native -CommandName madgnet")]
    public void Other_shells_get_every_option_of_training(string shell, string expected)
    {
        string script = tool.Run("completion", shell).Expect(0).Output;
        Assert.Contains(expected, script, StringComparison.Ordinal);
        Assert.All(
            new[] { "augmentation", "learning-rate", "dry-run" }, name => Assert.Contains(name, script, StringComparison.Ordinal));
        tool.Run("completion", "tcsh").Expect(2);
    }
}
