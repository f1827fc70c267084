using System.Text.RegularExpressions;

namespace MadgNet.Cli.CommandLine;

/// <summary>Messages of the parser in the words of this tool: no type of .NET is a word for a user.</summary>
internal static partial class ParseMessages
{
    /// <summary>The message, reworded where it names a type.</summary>
    public static string Reword(string message)
    {
        Match match = Unparsable().Match(message);
        if (!match.Success)
        {
            return message;
        }

        string type = match.Groups["type"].Value;
        string expected = type.Contains("Int", StringComparison.Ordinal) ? "a whole number that is not too large"
            : type.Contains("Double", StringComparison.Ordinal) || type.Contains("Single", StringComparison.Ordinal) ? "a number"
            : type.Contains("Directory", StringComparison.Ordinal) ? "the path of a folder"
            : type.Contains("File", StringComparison.Ordinal) ? "the path of a file"
            : type.Contains("Boolean", StringComparison.Ordinal) ? "nothing, true or false" : "another value";
        return $"{match.Groups["name"].Value}: received '{match.Groups["value"].Value}'; expected {expected}. Correct the value.";
    }

    [GeneratedRegex(
        "^Cannot parse argument '(?<value>.*)' for (option|argument|command) '(?<name>.*)' as expected type '(?<type>.*)'\\.$",
        RegexOptions.Singleline)]
    private static partial Regex Unparsable();
}
