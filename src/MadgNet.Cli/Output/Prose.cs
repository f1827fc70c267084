using System.Globalization;
using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>
/// Text for people, broken between words at the width of the window. A word that is longer than the window, such as a path, has a line of
/// its own, which is copied whole.
/// </summary>
internal static class Prose
{
    /// <summary>Wider than any text, so that nothing is broken.</summary>
    private const int Unbroken = 100_000;

    /// <summary>Writes a line with its colours.</summary>
    public static void Write(IAnsiConsole console, FormattableString text)
    {
        string plain = Markup.Remove(string.Format(
            CultureInfo.InvariantCulture,
            text.Format,
            [.. text.GetArguments()
                .Select(value => Markup.Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty))]));
        int width = console.Profile.Width;
        if (plain.Split(' ', '\n').All(word => word.Length <= width))
        {
            console.MarkupLineInterpolated(text);
            return;
        }

        console.Profile.Width = Unbroken;
        foreach (string line in plain.Split('\n').SelectMany(line => Broken(line, width)))
        {
            console.WriteLine(line);
        }

        console.Profile.Width = width;
    }

    private static IEnumerable<string> Broken(string text, int width)
    {
        string line = string.Empty;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = string.Empty;
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
