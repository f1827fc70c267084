using System.Text.RegularExpressions;

namespace MadgNet.Cli.Tests.Support;

/// <summary>Runs the tool in a pseudo-terminal of a certain width, as <c>script</c> of util-linux makes one.</summary>
public static partial class Terminal
{
    private const string Program = "/usr/bin/script";

    /// <summary>Whether there is one here.</summary>
    public static bool Exists => OperatingSystem.IsLinux() && File.Exists(Program);

    /// <summary>What a person sees in a window of so many columns, and the exit code; times, figures and paths are masked.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="columns">The width of the window.</param>
    /// <param name="folder">The folder to work in.</param>
    /// <param name="line">The command line.</param>
    public static string See(Tool tool, int columns, string folder, string line)
    {
        // The shell is asked to be quiet about itself; its words are simple ones.
        string command = $"stty cols {columns} rows 24; cd '{folder}'; exec '{tool.Command}' {line}";
        ToolResult result = tool.Run(Program, ["-qec", command, "/dev/null"], new Dictionary<string, string?>
        {
            ["TERM"] = "xterm-256color",
            ["NO_COLOR"] = "1",
            ["SHELL"] = "/bin/sh",
        });
        IEnumerable<string> lines = Screen.Read(result.Output).Select(text => Masked(text, folder));
        return $"$ madgnet {line}\n{string.Join('\n', lines).TrimEnd('\n')}\n→ {result.ExitCode}\n";
    }

    private static string Masked(string text, string folder)
    {
        text = text.Replace(folder + "/", string.Empty, StringComparison.Ordinal).Replace(folder, "…", StringComparison.Ordinal);
        text = Figures().Replace(Times().Replace(text, "T"), "#");

        // Frames and columns are as wide as the figures in them.
        return Blanks().Replace(Frames().Replace(text, "─"), "  ").TrimEnd();
    }

    [GeneratedRegex(@"\d+:\d\d:\d\d")]
    private static partial Regex Times();

    [GeneratedRegex(@"(?<![\w.])\d+(?:[.,]\d+)+(?:[eE][-+]?\d+)?")]
    private static partial Regex Figures();

    [GeneratedRegex("─+")]
    private static partial Regex Frames();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Blanks();
}
