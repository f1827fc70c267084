using System.Text;

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>Completion for fish.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<CompletionWords> commands)
    {
        var text = new StringBuilder("# Completion of madgnet for fish.\n");
        foreach (CompletionWords command in commands)
        {
            string[] path = command.Path.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string below = string.Join(' ', command.Commands.Select(each => each.Name));
            string condition = path.Length == 0 ? "__fish_use_subcommand"
                : $"__fish_seen_subcommand_from {path[^1]}" + (below.Length == 0 ? "" : $"; and not __fish_seen_subcommand_from {below}");
            foreach ((string name, string description) in command.Commands)
            {
                text.Append($"complete -c madgnet -f -n '{condition}' -a {name} -d {Quoted(description)}\n");
            }

            if (command.Choices.Count > 0)
            {
                text.Append($"complete -c madgnet -f -n '{condition}' -a '{string.Join(' ', command.Choices)}'\n");
            }

            foreach (CompletionOption option in command.Options)
            {
                string names = string.Join(' ', option.Names.Select(name => name.StartsWith("--", StringComparison.Ordinal)
                    ? $"-l {name[2..]}"
                    : name.Length == 2 ? $"-s {name[1..]}" : $"-o {name[1..]}"));
                string value = !option.TakesValue ? string.Empty
                    : option.Choices.Count > 0 ? $" -x -a '{string.Join(' ', option.Choices)}'" : " -r";
                text.Append($"complete -c madgnet -n '{condition}' {names}{value} -d {Quoted(option.Description)}\n");
            }
        }

        return text.ToString();
    }

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
