using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MadgNet.Cli.Commands;
using MadgNet.Cli.Output;
using Spectre.Console;

namespace MadgNet.Cli.CommandLine;

/// <summary>The whole tool: parses a command line and runs it.</summary>
internal static class CommandLineTool
{
    public static int Run(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (arguments.Any(argument => argument.Contains('\0', StringComparison.Ordinal)))
        {
            System.Console.Error.WriteLine("error: command line: received a null character; expected text without one. Write it anew.");
            return ExitCode.Usage;
        }

        if (!HasFolder())
        {
            System.Console.Error.WriteLine(
                "error: working folder: received a folder that is not there any more; expected one that is. Change to another folder.");
            return ExitCode.Failed;
        }

        // A path may begin with '@': it is no response file.
        ParseResult parsed = Root().Parse(Usual([.. arguments]), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not GroupedHelp)
        {
            IReadOnlyList<string> mistakes = Mistakes.Of(parsed);
            if (mistakes.Count > 0 || parsed.Action is null or ParseErrorAction)
            {
                return Refuse(parsed, mistakes);
            }
        }

        // Ctrl-C is the tool's own business, and so are exceptions.
        return parsed.InvokeAsync(
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation)
            .GetAwaiter()
            .GetResult();
    }

    /// <summary>The tool's commands and options.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand(
            "Medical image segmentation with MADGNet: train, evaluate, predict, export, and look into files, data and machines.")
        {
            new TrainCommand(),
            new EvaluateCommand(),
            new PredictCommand(),
            new MergeCommand(),
            new ExportCommand(),
            new InspectCommand(),
            new DoctorCommand(),
            new ReportCommand(),
            new CompareCommand(),
            new ConvertCommand(),
            new ServeCommand(),
            new StudyCommand(),
            new InfoCommand(),
            new CompletionCommand(),
            CommonOptions.Json,
            CommonOptions.Quiet,
            CommonOptions.Verbose,
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            help.Description = "Show this help.";
            help.Action = new GroupedHelp(all: false);
        }

        root.Add(new Option<bool>("--help-all")
        {
            Description = "Show the help with the rare options.",
            Recursive = true,
            Action = new GroupedHelp(all: true),
        });
        StrictNumbers.ApplyTo(root);
        PathKinds.ApplyTo(root);
        return root;
    }

    /// <summary>What people type at other tools: nothing, <c>help</c>, <c>version</c> and <c>-V</c>.</summary>
    private static string[] Usual(string[] arguments) => arguments switch
    {
        [] => ["--help"],
        ["help", .. var command] => [.. command, "--help"],
        ["version"] or ["-V"] => ["--version"],
        _ => arguments,
    };

    /// <summary>Whether the folder that the tool was started in is still there: neither .NET nor libtorch starts without one.</summary>
    private static bool HasFolder()
    {
        try
        {
            return Directory.GetCurrentDirectory().Length > 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static int Refuse(ParseResult parsed, IEnumerable<string> mistakes)
    {
        Command command = parsed.CommandResult.Command;
        var output = new CommandOutput(
            command.Name, parsed.Tokens.Any(token => token.Value == CommonOptions.Json.Name), quiet: false, verbose: false);
        foreach (string message in mistakes)
        {
            output.Error(message);
        }

        IEnumerable<string> names = command.Parents.OfType<Command>().Where(parent => parent is not RootCommand).Append(command)
            .Where(each => each is not RootCommand)
            .Select(each => " " + each.Name);
        output.ErrorConsole.WriteLine($"See 'madgnet{string.Concat(names)} --help'.");
        output.Complete(ExitCode.Usage);
        return ExitCode.Usage;
    }
}
