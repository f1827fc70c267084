using System.CommandLine;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.CommandLine;

/// <summary>One command of the tool: its options, the examples of its help, and what it does.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
        SetAction((arguments, cancellation) => Task.FromResult(CommandRunner.Run(this, arguments, cancellation)));
    }

    /// <summary>Command lines that work, for the help.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Does what the command is for.</summary>
    /// <param name="arguments">The parsed command line, which is legal.</param>
    /// <param name="output">Where everything goes that is said.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public abstract int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation);
}
