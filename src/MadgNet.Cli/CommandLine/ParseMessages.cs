using System.Text.RegularExpressions;

namespace MadgNet.Cli.CommandLine;

/// <summary>Messages of the parser in the words of this tool: no type of .NET is a word for a user.</summary>
internal static partial class ParseMessages
{
    /// <summary>The message, reworded where it names a type, or the values that there are on lines of their own.</summary>
    /// <param name="message">The parser's message.</param>
    /// <param name="option">The option that it is about; null where that is unknown.</param>
    public static string Reword(string message, string? option)
    {
        if (Unknown().Match(message) is { Success: true } unknown)
        {
            string[] known = [.. Quoted().Matches(unknown.Groups["known"].Value).Select(each => each.Groups[1].Value)];
            return $"{option ?? "value"}: received '{unknown.Groups["value"].Value}'; expected one of {string.Join(", ", known)}. Choose "
                + "one of them.";
        }

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

    [GeneratedRegex("^Argument '(?<value>.*)' not recognized\\. Must be one of:(?<known>.*)$", RegexOptions.Singleline)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"^\s*'(.*)'\s*$", RegexOptions.Multiline)]
    private static partial Regex Quoted();

    [GeneratedRegex(
        "^Cannot parse argument '(?<value>.*)' for (option|argument|command) '(?<name>.*)' as expected type '(?<type>.*)'\\.$",
        RegexOptions.Singleline)]
    private static partial Regex Unparsable();
}
