using System.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Runtime;
using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Cli.CommandLine;

/// <summary>Runs a command and turns whatever ends it into an exit code and a message that a person can act on.</summary>
internal static class CommandRunner
{
    /// <summary>A screen shows about so many messages.</summary>
    private const int MostTold = 10;

    public static int Run(CliCommand command, ParseResult arguments, CancellationToken cancellation)
    {
        var output = new CommandOutput(
            command.Name,
            arguments.GetValue(CommonOptions.Json),
            arguments.GetValue(CommonOptions.Quiet),
            arguments.GetValue(CommonOptions.Verbose));
        int code;
        try
        {
            NativeRuntime.Configure(new NativeRuntimeOptions { OneDnn = ArithmeticChoice.OfEnvironment(), Logger = output.Logger });
            code = command.Run(arguments, output, cancellation);
            if (code == ExitCode.Done && output.HasErrors)
            {
                code = ExitCode.Failed;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            output.Note("Stopped.");
            code = ExitCode.Cancelled;
        }
        catch (UsageException exception)
        {
            output.Error(exception.Problem);
            code = ExitCode.Usage;
        }
        catch (Exception exception)
        {
            Report(exception, output);
            code = ExitCode.Failed;
        }

        output.Complete(code);
        return code;
    }

    private static void Report(Exception exception, CommandOutput output)
    {
        IReadOnlyList<Problem> problems = (exception as MadgNetException)?.Problems ?? [];
        IReadOnlyList<Problem> said = exception is ResumeException ? ResumeWords.Of(problems) : problems;
        foreach (Problem problem in said.Take(MostTold))
        {
            output.Error(problem);
        }

        if (said.Count > MostTold)
        {
            output.Error($"{said.Count - MostTold} more of such problems. Run 'madgnet doctor' for all that is wrong with files.");
        }

        if (problems.Count == 0)
        {
            output.Error(exception switch
            {
                IOException or UnauthorizedAccessException when Place(exception) is { } place => new Problem(
                    place,
                    $"a place that cannot be used ({exception.Message.TrimEnd('.')})",
                    "one that this user may read and write",
                    "Check the path, the disk and the rights").ToString(),
                MadgNetException or IOException or UnauthorizedAccessException => exception.Message,
                OutOfMemoryException => new Problem(
                    "memory", "less than the command needs", "room for the network and its images",
                    "Close other programs, or use smaller images, tiles or batches").ToString(),
                _ => $"{exception.GetType().Name}: {exception.Message} This is a fault of madgnet: please report it, with what --verbose "
                    + "says.",
            });
        }

        output.Trace(exception);
    }

    /// <summary>The path that the system could not use, which its message has in quotes.</summary>
    private static string? Place(Exception exception) =>
        (exception.Message.StartsWith("Could not find ", StringComparison.Ordinal)
            || exception.Message.StartsWith("Access to the path ", StringComparison.Ordinal))
        && exception.Message.Split('\'') is [_, { Length: > 0 } path, _] ? path : null;
}
