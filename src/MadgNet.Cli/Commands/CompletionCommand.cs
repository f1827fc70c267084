using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.CommandLine.Completion;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>Writes what a shell needs to complete the tool's commands, options and choices.</summary>
internal sealed class CompletionCommand : CliCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh, fish or powershell." };

    public CompletionCommand()
        : base(
            "completion",
            "Writes a script with which a shell completes commands, options and their choices.",
            "madgnet completion bash > ~/.local/share/bash-completion/completions/madgnet",
            "madgnet completion zsh > ~/.zfunc/_madgnet",
            "madgnet completion fish > ~/.config/fish/completions/madgnet.fish",
            "madgnet completion powershell >> $PROFILE")
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "powershell");
        Add(_shell);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        IReadOnlyList<CompletionWords> words = CompletionWords.Of(CommandLineTool.Root());
        string script = arguments.GetRequiredValue(_shell) switch
        {
            "bash" => BashCompletion.Write(words),
            "zsh" => ZshCompletion.Write(words),
            "fish" => FishCompletion.Write(words),
            _ => PowerShellCompletion.Write(words),
        };
        output.Raw(script.TrimEnd('\n'));
        output.Result["script"] = script;
        return ExitCode.Done;
    }
}
