using System.Globalization;
using System.Text;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Text of others, such as names of files and labels, made fit to be shown, logged or written to a table: it cannot move a cursor, begin
/// a line of its own, change the direction of writing or become a formula.
/// </summary>
public static class PlainText
{
    private const string MarkdownSigns = "\\`*[]<>|~&";

    /// <summary>The text as one line: control characters, and those that change the direction of writing, as <c>\u001B</c>.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The same text where it has no such characters.</returns>
    public static string Line(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escape(text, keepLineEnds: false);
    }

    /// <summary>As <see cref="Line"/>, but line ends stay: for messages of several lines.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The same text where it has no such characters.</returns>
    public static string Lines(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Escape(text, keepLineEnds: true);
    }

    /// <summary>
    /// The text as a cell of a CSV file that a spreadsheet opens as text: <c>'</c> goes before what begins with <c>=</c>, <c>+</c>,
    /// <c>-</c>, <c>@</c>, a tab or a line end, also where such signs <c>'</c> stand there already, so that <see cref="FromCell"/> gives
    /// the same text back. Quotes are the writer's business.
    /// </summary>
    /// <param name="text">A text; numbers are not to be passed.</param>
    /// <returns>The cell.</returns>
    public static string ToCell(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return BeginsLikeFormula(text) ? "'" + text : text;
    }

    /// <summary>The text of a cell that <see cref="ToCell"/> made.</summary>
    /// <param name="cell">The cell.</param>
    /// <returns>The text; every other cell as it is.</returns>
    public static string FromCell(string cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.StartsWith('\'') && BeginsLikeFormula(cell) ? cell[1..] : cell;
    }

    /// <summary>The text as one line of Markdown that shows what it says: signs that mean something there are escaped.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The Markdown.</returns>
    public static string ToMarkdown(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string line = Line(text);
        var result = new StringBuilder(line.Length + 8);
        for (int i = 0; i < line.Length; i++)
        {
            // Within a word an underscore means nothing.
            bool emphasis = line[i] == '_'
                && !(i > 0 && i < line.Length - 1 && char.IsLetterOrDigit(line[i - 1]) && char.IsLetterOrDigit(line[i + 1]));
            if (emphasis || MarkdownSigns.Contains(line[i], StringComparison.Ordinal))
            {
                result.Append('\\');
            }

            result.Append(line[i]);
        }

        return result.ToString();
    }

    private static bool BeginsLikeFormula(string text)
    {
        ReadOnlySpan<char> begin = text.AsSpan().TrimStart('\'');
        return begin is [('=' or '+' or '-' or '@' or '\t' or '\r' or '\n'), ..];
    }

    private static string Escape(string text, bool keepLineEnds)
    {
        int first = 0;
        while (first < text.Length && !IsHidden(text[first], keepLineEnds))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var result = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (char letter in text.AsSpan(first))
        {
            if (IsHidden(letter, keepLineEnds))
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            }
            else
            {
                result.Append(letter);
            }
        }

        return result.ToString();
    }

    private static bool IsHidden(char letter, bool keepLineEnds) => letter switch
    {
        '\n' or '\r' => !keepLineEnds,
        '\u200e' or '\u200f' or '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff' => true,
        _ => char.IsControl(letter),
    };
}
