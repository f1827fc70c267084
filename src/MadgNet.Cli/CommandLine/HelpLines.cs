namespace MadgNet.Cli.CommandLine;

/// <summary>Text of the help, broken between words at the width of the window.</summary>
/// <param name="writer">Where it goes.</param>
/// <param name="width">The width of the window; <see cref="int.MaxValue"/> for a file.</param>
internal sealed class HelpLines(TextWriter writer, int width)
{
    private const int Step = 2;

    public TextWriter Writer => writer;

    public int Width => width;

    /// <summary>A paragraph.</summary>
    public void Text(string text)
    {
        foreach (string line in Broken(text, width))
        {
            writer.WriteLine(line);
        }
    }

    /// <summary>A label and what it means: behind it where there is room, else below it.</summary>
    /// <param name="label">The label.</param>
    /// <param name="text">What it means.</param>
    /// <param name="column">The column of the text; 0 for below the label.</param>
    public void Row(string label, string text, int column)
    {
        bool beside = column > 0 && (Step + label.Length + Step <= column || width == int.MaxValue);
        int indent = column > 0 ? column : 3 * Step;
        string[] lines = [.. Broken(text, width == int.MaxValue ? width : Math.Max(10, width - indent))];
        string first = new string(' ', Step) + label;
        if (beside && lines.Length > 0)
        {
            writer.WriteLine(first.PadRight(Math.Max(column, first.Length + Step)) + lines[0]);
            lines = lines[1..];
        }
        else
        {
            writer.WriteLine(first);
        }

        foreach (string line in lines)
        {
            writer.WriteLine(new string(' ', indent) + line);
        }
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

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
