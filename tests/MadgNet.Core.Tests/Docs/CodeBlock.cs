using System.Text.RegularExpressions;

namespace MadgNet.Core.Tests.Docs;

/// <summary>One C# block of a Markdown document.</summary>
/// <param name="Document">The document's path, relative to the repository, with forward slashes.</param>
/// <param name="Line">The number of the block's first line of code, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="CompileOnly">
/// Why the block is compiled but not run, from a comment <c>&lt;!-- compile-only: reason --&gt;</c> on the line above its
/// fence; null where it is run.
/// </param>
internal sealed partial record CodeBlock(string Document, int Line, string Code, string? CompileOnly)
{
    /// <summary>Finds the blocks fenced by <c>```csharp</c>, also within lists, where they are indented.</summary>
    /// <exception cref="FormatException">A fence is not closed, or a compile-only comment gives no reason.</exception>
    public static IReadOnlyList<CodeBlock> Extract(string document, string markdown)
    {
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<CodeBlock>();
        for (int i = 0; i < lines.Length; i++)
        {
            Match opening = Fence().Match(lines[i]);
            if (!opening.Success)
            {
                continue;
            }

            int indent = opening.Groups["indent"].Length;
            string ticks = opening.Groups["ticks"].Value;
            int end = Array.FindIndex(lines, i + 1, line => line.Trim() == ticks);
            if (end < 0)
            {
                throw new FormatException($"{document}:{i + 1}: the code block has no closing {ticks}.");
            }

            if (opening.Groups["language"].Value == "csharp")
            {
                string code = string.Join(
                    '\n', lines[(i + 1)..end].Select(line => line[Math.Min(indent, line.Length - line.TrimStart().Length)..]));
                blocks.Add(new CodeBlock(document, i + 2, code, CompileOnlyReason(document, i, i > 0 ? lines[i - 1] : string.Empty)));
            }

            i = end;
        }

        return blocks;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Document}:{Line}";

    private static string? CompileOnlyReason(string document, int fence, string above)
    {
        Match marker = CompileOnlyMarker().Match(above);
        if (!marker.Success)
        {
            return null;
        }

        string reason = marker.Groups["reason"].Value.Trim();
        return reason.Length > 0
            ? reason
            : throw new FormatException(
                $"{document}:{fence}: expected <!-- compile-only: reason -->, with a reason why the block cannot be run.");
    }

    [GeneratedRegex(@"^(?<indent>\s*)(?<ticks>`{3,})(?<language>[\w#+-]*)\s*$")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\s*<!--\s*compile-only:?(?<reason>.*)-->\s*$")]
    private static partial Regex CompileOnlyMarker();
}
