using System.Text;

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>Completion for bash, without a package: paths are left to bash itself.</summary>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<CompletionWords> commands)
    {
        var text = new StringBuilder();
        text.Append(
            """
            # Completion of madgnet for bash.
            _madgnet() {
              local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" path="" i words=""
              for ((i = 1; i < COMP_CWORD; i++)); do
                case "$path ${COMP_WORDS[i]}" in

            """);
        foreach (CompletionWords command in commands.Where(command => command.Path.Length > 0))
        {
            text.Append($"      \" {command.Path}\") path=\" {command.Path}\" ;;\n");
        }

        text.Append("    esac\n  done\n  case \"$path:$before\" in\n");
        foreach (CompletionWords command in commands)
        {
            string path = command.Path.Length == 0 ? string.Empty : $" {command.Path}";
            foreach (CompletionOption option in command.Options.Where(option => option.TakesValue))
            {
                string patterns = string.Join('|', option.Names.Select(name => $"\"{path}:{name}\""));
                text.Append(option.Choices.Count > 0
                    ? $"    {patterns}) COMPREPLY=($(compgen -W \"{string.Join(' ', option.Choices)}\" -- \"$word\")); return ;;\n"
                    : $"    {patterns}) return ;;\n");
            }
        }

        text.Append("  esac\n  case \"$path\" in\n");
        foreach (CompletionWords command in commands)
        {
            string path = command.Path.Length == 0 ? string.Empty : $" {command.Path}";
            string names = string.Join(' ', command.Options.SelectMany(option => option.Names));
            string others = string.Join(' ', command.Commands.Select(each => each.Name).Concat(command.Choices));
            text.Append($"    \"{path}\") if [[ $word == -* ]]; then words=\"{names}\"; else words=\"{others}\"; fi ;;\n");
        }

        text.Append(
            """
              esac
              [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$word"))
            }
            complete -o default -F _madgnet madgnet

            """);
        return text.ToString().ReplaceLineEndings("\n");
    }
}
