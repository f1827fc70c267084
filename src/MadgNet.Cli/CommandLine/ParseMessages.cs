using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace MadgNet.Cli.CommandLine;

/// <summary>Messages of the parser in the words of this tool: no type of .NET is a word for a user.</summary>
internal static partial class ParseMessages
{
    /// <summary>The message of an error, with the name of what it is about.</summary>
    public static string Reword(ParseError error)
    {
        Option? option = (error.SymbolResult as OptionResult)?.Option
            ?? ((error.SymbolResult as ArgumentResult)?.Parent as OptionResult)?.Option;
        Match among = NotAmong().Match(error.Message);
        if (among.Success && option is not null)
        {
            string typed = among.Groups["value"].Value;
            string[] choices = [.. Choice().Matches(among.Groups["choices"].Value).Select(match => match.Groups[1].Value)];
            string remedy = NearestWord.Find(typed, choices) is { } near ? $"Did you mean {near}?" : "Choose one of them.";
            return $"{option.Name}: received '{typed}'; expected {string.Join(", ", choices)}. {remedy}";
        }

        Match needed = Needed().Match(error.Message);
        return needed.Success
            ? $"{needed.Groups["name"].Value} is required. Add it."
            : option is not null && error.Message.StartsWith("Required argument missing", StringComparison.Ordinal)
                ? $"{option.Name}: received no value; expected {option.HelpName ?? "one"}. Write it behind {option.Name}."
                : Reword(error.Message);
    }

    /// <summary>The message, reworded where it names a type.</summary>
    public static string Reword(string message)
    {
        Match match = Unparsable().Match(message);
        if (!match.Success)
        {
            Match surplus = Surplus().Match(message);
            return surplus.Success
                ? $"'{surplus.Groups["value"].Value}': one word more than the command takes. Leave it out, or write a name with blanks in "
                    + "quotes."
                : message;
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

    [GeneratedRegex("^Argument '(?<value>.*)' not recognized\\. Must be one of:(?<choices>.*)$", RegexOptions.Singleline)]
    private static partial Regex NotAmong();

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Choice();

    [GeneratedRegex("^Option '(?<name>[^']*)' is required\\.$")]
    private static partial Regex Needed();

    [GeneratedRegex("^Unrecognized command or argument '(?<value>.*)'\\.$", RegexOptions.Singleline)]
    private static partial Regex Surplus();
}
