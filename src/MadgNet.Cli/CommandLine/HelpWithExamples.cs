using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MadgNet.Cli.CommandLine;

/// <summary>The usual help, followed by examples and, for the whole tool, the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = inner.Invoke(parseResult);
        TextWriter writer = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is CliCommand { Examples.Count: > 0 } command)
        {
            writer.WriteLine("Examples:");
            foreach (string example in command.Examples)
            {
                writer.WriteLine($"  {example}");
            }

            writer.WriteLine();
        }

        writer.WriteLine("Exit codes: 0 done, 1 findings or failed, 2 usage, 130 cancelled.");
        return code;
    }
}
