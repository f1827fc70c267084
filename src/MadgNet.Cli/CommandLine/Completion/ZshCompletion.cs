using System.Text;

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>Completion for zsh: the file of a function in <c>fpath</c>, or a script that is sourced.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<CompletionWords> commands)
    {
        var text = new StringBuilder();
        text.Append(
            """
            #compdef madgnet
            # Completion of madgnet for zsh.
            _madgnet() {
              local cmd="" i
              for ((i = 2; i < CURRENT; i++)); do
                case "$cmd ${words[i]}" in

            """);
        foreach (CompletionWords command in commands.Where(command => command.Path.Length > 0))
        {
            text.Append($"      \" {command.Path}\") cmd=\" {command.Path}\" ;;\n");
        }

        text.Append("    esac\n  done\n  local before=\"${words[CURRENT-1]}\"\n  case \"$cmd:$before\" in\n");
        foreach (CompletionWords command in commands)
        {
            string path = command.Path.Length == 0 ? string.Empty : $" {command.Path}";
            foreach (CompletionOption option in command.Options.Where(option => option.TakesValue))
            {
                string patterns = string.Join('|', option.Names.Select(name => $"\"{path}:{name}\""));
                text.Append(option.Choices.Count > 0
                    ? $"    {patterns}) compadd -- {string.Join(' ', option.Choices)}; return ;;\n"
                    : $"    {patterns}) _files; return ;;\n");
            }
        }

        text.Append("  esac\n  local -a options others\n  case \"$cmd\" in\n");
        foreach (CompletionWords command in commands)
        {
            string path = command.Path.Length == 0 ? string.Empty : $" {command.Path}";
            string options = string.Join(
                ' ', command.Options.SelectMany(option => option.Names.Select(name => Row(name, option.Description))));
            string others = string.Join(' ', command.Commands
                .Select(each => Row(each.Name, each.Description))
                .Concat(command.Choices.Select(each => Row(each, ""))));
            text.Append($"    \"{path}\") options=({options}); others=({others}) ;;\n");
        }

        text.Append(
            """
              esac
              if [[ ${words[CURRENT]} == -* ]]; then
                _describe option options
              elif (( ${#others} )); then
                _describe command others
              else
                _files
              fi
            }
            if [[ $funcstack[1] == _madgnet ]]; then _madgnet "$@"; else compdef _madgnet madgnet; fi

            """);
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Row(string name, string description)
    {
        string text = description.Length == 0 ? name : $"{name}:{description}";
        return $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
