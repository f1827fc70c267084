using System.CommandLine;
using System.CommandLine.Parsing;

namespace MadgNet.Cli.CommandLine;

/// <summary>Values of options that can only be mistakes: another option, or nothing.</summary>
internal static class OptionValues
{
    /// <summary>What is wrong with the values of a command line.</summary>
    public static IEnumerable<string> Check(ParseResult parsed)
    {
        CommandResult command = parsed.CommandResult;
        HashSet<string> names = [.. Options(command).SelectMany(option => option.Aliases.Append(option.Name))];
        foreach (SymbolResult result in command.Children)
        {
            string name = result is OptionResult option ? option.Option.Name : ((result as ArgumentResult)?.Argument.Name ?? string.Empty);
            foreach (string value in result.Tokens.Select(token => token.Value))
            {
                if (string.IsNullOrWhiteSpace(value))
                {
                    yield return $"{name}: received an empty text; expected a value. Write it behind {name}.";
                }
                else if (names.Contains(value.Split('=')[0]) || value.StartsWith("--", StringComparison.Ordinal))
                {
                    yield return $"{name}: received '{value}', which is an option; expected a value. Write the value behind {name}, and a "
                        + $"path of that name as ./{value}.";
                }
                else if (value.Contains('\0', StringComparison.Ordinal))
                {
                    yield return $"{name}: received a text with a null character; expected a value without one. Write it anew.";
                }
            }
        }
    }

    private static IEnumerable<Option> Options(SymbolResult? result)
    {
        for (; result is CommandResult command; result = command.Parent)
        {
            foreach (Option option in command.Command.Options)
            {
                yield return option;
            }
        }
    }
}
