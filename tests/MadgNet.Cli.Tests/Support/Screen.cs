using System.Text;
using System.Text.RegularExpressions;

namespace MadgNet.Cli.Tests.Support;

/// <summary>
/// What is left on a terminal when a program has ended: lines as they were written, which a terminal may break for the eye but which are
/// copied whole. It knows what the tool's bars use: carriage return, moving up, and erasing.
/// </summary>
public static partial class Screen
{
    /// <summary>The lines that a stream of characters leaves.</summary>
    public static IReadOnlyList<string> Read(string stream)
    {
        var lines = new List<StringBuilder> { new() };
        int row = 0;
        int column = 0;
        for (int i = 0; i < stream.Length; i++)
        {
            switch (stream[i])
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    row++;
                    if (row == lines.Count)
                    {
                        lines.Add(new StringBuilder());
                    }

                    break;
                case '\e' when Sequence().Match(stream, i) is { Success: true, Index: var at } match && at == i:
                    Apply(match, lines, ref row, ref column);
                    i += match.Length - 1;
                    break;
                case < ' ':
                    break;
                default:
                    StringBuilder line = lines[row];
                    line.Append(' ', Math.Max(0, column - line.Length));
                    if (column < line.Length)
                    {
                        line[column] = stream[i];
                    }
                    else
                    {
                        line.Append(stream[i]);
                    }

                    column++;
                    break;
            }
        }

        return [.. lines.Select(line => line.ToString().TrimEnd())];
    }

    private static void Apply(Match match, List<StringBuilder> lines, ref int row, ref int column)
    {
        int number = int.TryParse(match.Groups["number"].Value, out int given) ? given : 1;
        switch (match.Groups["letter"].Value)
        {
            case "A":
                row = Math.Max(0, row - number);
                break;
            case "K":
                lines[row].Clear();
                column = 0;
                break;
        }
    }

    [GeneratedRegex(@"\e(\[(?<private>\??)(?<number>\d*)[\d;]*(?<letter>[A-Za-z])|[=>])")]
    private static partial Regex Sequence();
}
