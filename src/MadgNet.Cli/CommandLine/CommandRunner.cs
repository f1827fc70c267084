using System.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Runtime;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Weights;
using MadgNet.Onnx;
using MadgNet.Studies;

namespace MadgNet.Cli.CommandLine;

/// <summary>Runs a command and turns whatever ends it into an exit code and a message that a person can act on.</summary>
internal static class CommandRunner
{
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
        foreach (Problem problem in ProblemsOf(exception))
        {
            output.Error(problem);
        }

        if (ProblemsOf(exception).Count == 0)
        {
            bool expected = exception is MadgNetException or IOException or UnauthorizedAccessException;
            output.Error(
                expected
                    ? exception.Message
                    : $"{exception.GetType().Name}: {exception.Message} This is a fault of madgnet: please report it, with what "
                        + $"--verbose says.");
        }

        output.Trace(exception);
    }

    private static IReadOnlyList<Problem> ProblemsOf(Exception exception) => exception switch
    {
        DatasetException dataset => dataset.Problems,
        InvalidOptionsException options => options.Problems,
        ImageReadException image => [image.Problem],
        WeightFileException file => [file.Problem],
        TrainingException training => [training.Problem],
        ResumeException resume => resume.Problems,
        OnnxModelException onnx => [onnx.Problem],
        OnnxExportException export => [export.Problem],
        StudyException study => study.Problems,
        WrongArithmeticException arithmetic => [arithmetic.Problem],
        _ => [],
    };
}
