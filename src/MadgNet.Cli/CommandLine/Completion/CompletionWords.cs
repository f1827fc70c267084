using System.CommandLine;
using System.CommandLine.Completions;

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>What may follow one command: the commands below it and its options.</summary>
/// <param name="Path">The command with those above it, parted by blanks; empty for the tool itself.</param>
/// <param name="Commands">The commands below it, with what they do.</param>
/// <param name="Choices">The values that its argument takes; empty where it takes paths.</param>
/// <param name="Options">Its options.</param>
internal sealed record CompletionWords(
    string Path,
    IReadOnlyList<(string Name, string Description)> Commands,
    IReadOnlyList<string> Choices,
    IReadOnlyList<CompletionOption> Options)
{
    /// <summary>All words, without blanks in choices, of a tool.</summary>
    public static IReadOnlyList<CompletionWords> Of(Command root) => [.. Walk(root, string.Empty, [])];

    private static IEnumerable<CompletionWords> Walk(Command command, string path, IReadOnlyList<Option> above)
    {
        Option[] options = [.. command.Options.Where(option => !option.Hidden), .. above];
        Command[] below = [.. command.Subcommands.Where(each => !each.Hidden)];
        yield return new CompletionWords(
            path,
            [.. below.Select(each => (each.Name, FirstSentence(each.Description)))],
            [.. command.Arguments
                .SelectMany(argument => argument.CompletionSources.SelectMany(source => source(CompletionContext.Empty)))
                .Select(item => item.Label)
                .Distinct()],
            [.. options.Select(option => new CompletionOption(
                [option.Name, .. option.Aliases.Where(alias => alias.StartsWith('-') && alias != option.Name)],
                FirstSentence(option.Description),
                option.ValueType != typeof(bool) && option.Arity.MaximumNumberOfValues > 0,
                HelpGroups.ChoicesOf(option)))]);
        foreach (Command each in below)
        {
            foreach (CompletionWords words in Walk(
                each, $"{path} {each.Name}".TrimStart(), [.. options.Where(option => option.Recursive)]))
            {
                yield return words;
            }
        }
    }

    private static string FirstSentence(string? text)
    {
        int end = (text ?? string.Empty).IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text ?? string.Empty : text![..end]).TrimEnd('.').ReplaceLineEndings(" ");
    }
}
