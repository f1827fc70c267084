using System.CommandLine;
using System.CommandLine.Parsing;

namespace MadgNet.Cli.CommandLine;

/// <summary>What is wrong with a command line: one line for each cause, with the nearest name.</summary>
internal static class Mistakes
{
    /// <summary>The mistakes; empty where the line can be understood.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count > 0 && !IsOption(parsed.UnmatchedTokens[0]))
        {
            string verb = parsed.UnmatchedTokens[0];
            string meant = NearestWord.Find(verb, command.Subcommands.Select(below => below.Name)) is { } near
                ? $"did you mean {near}?"
                : $"expected {string.Join(", ", command.Subcommands.Where(below => !below.Hidden).Select(below => below.Name))}.";
            return [$"'{verb}' is no command; {meant}"];
        }

        // Whatever follows a name that is unknown has lost its meaning: nothing is said of it.
        string[] unknown = [.. Unknown(parsed).Distinct(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            string[] names = [.. Names(parsed)];
            return [.. unknown.Select(name => NearestWord.Find(name.Split('=')[0], names) is { } near
                ? $"{name}: there is no such option; did you mean {near}?"
                : $"{name}: there is no such option. See the help for those that there are.")];
        }

        List<string> mistakes = [.. OptionValues.Check(parsed)
            .Concat(parsed.Errors.Select(error => ParseMessages.Reword(error)))
            .Where(message => !message.Contains("received '';", StringComparison.Ordinal))
            .Distinct()];
        if (parsed.GetResult(CommonOptions.Quiet) is { Implicit: false } && parsed.GetResult(CommonOptions.Verbose) is { Implicit: false })
        {
            mistakes.Add("--quiet: received together with --verbose; expected one of the two. Leave one of them out.");
        }

        return mistakes;
    }

    /// <summary>The options that a command line may have.</summary>
    public static IEnumerable<string> Names(ParseResult parsed)
    {
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = command.Parent)
        {
            foreach (Option option in command.Command.Options.Where(option => !option.Hidden))
            {
                yield return option.Name;
                foreach (string alias in option.Aliases)
                {
                    yield return alias;
                }
            }
        }
    }

    private static IEnumerable<string> Unknown(ParseResult parsed) => parsed.UnmatchedTokens
        .Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens.Select(token => token.Value)))
        .Where(token => IsOption(token) && !File.Exists(token) && !Directory.Exists(token))
        .Except(Names(parsed));

    private static bool IsOption(string token) => token.Length > 1 && token[0] == '-' && !char.IsAsciiDigit(token[1]);
}
