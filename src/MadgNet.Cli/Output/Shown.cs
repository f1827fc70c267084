using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>Text of others as a cell of a table.</summary>
internal static class Shown
{
    /// <summary>The text as it is, but for control characters, which are shown escaped, and brackets, which are no markup.</summary>
    public static string Text(string text) => Markup.Escape(PlainText.Line(text));
}
