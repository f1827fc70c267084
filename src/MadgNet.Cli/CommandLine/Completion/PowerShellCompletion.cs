using System.Text;

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>Completion for PowerShell on any system; paths are left to the shell itself.</summary>
internal static class PowerShellCompletion
{
    public static string Write(IReadOnlyList<CompletionWords> commands)
    {
        var text = new StringBuilder();
        text.Append(
            """
            # Completion of madgnet for PowerShell.
            Register-ArgumentCompleter -Native -CommandName madgnet -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $words = @{

            """);
        foreach (CompletionWords command in commands)
        {
            text.Append($"        '{command.Path}' = @({List(command.Commands.Select(each => each.Name).Concat(command.Choices))})\n");
            text.Append($"        '{command.Path}:' = @({List(command.Options.SelectMany(option => option.Names))})\n");
            foreach (CompletionOption option in command.Options.Where(option => option.TakesValue))
            {
                foreach (string name in option.Names)
                {
                    text.Append($"        '{command.Path}:{name}' = @({List(option.Choices)})\n");
                }
            }
        }

        text.Append(
            """
                }
                $path = ''
                $before = ''
                foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
                    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
                    $before = $element.ToString()
                    $next = "$path $before".Trim()
                    if ($words.ContainsKey($next)) { $path = $next }
                }
                $key = if ($before.StartsWith('-') -and $words.ContainsKey("${path}:$before")) { "${path}:$before" }
                    elseif ($wordToComplete.StartsWith('-')) { "${path}:" } else { $path }
                $words[$key] | Where-Object { $_ -clike "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }

            """);
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"'{word}'"));
}
