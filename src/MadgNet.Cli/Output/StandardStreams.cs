using System.Text;

namespace MadgNet.Cli.Output;

/// <summary>The process's standard output and error, made safe; see <see cref="SafeWriter"/>.</summary>
internal static class StandardStreams
{
    /// <summary>Puts safe writers in the place of the console's.</summary>
    public static (SafeWriter Output, SafeWriter Error) Install()
    {
        if (OperatingSystem.IsWindows())
        {
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }

        var output = new SafeWriter(() => Open(Console.OpenStandardOutput()));
        var error = new SafeWriter(() => Open(Console.OpenStandardError()));
        Console.SetOut(output);
        Console.SetError(error);
        return (output, error);
    }

    /// <summary>
    /// The exit code with what became of the output: work that was done, but whose result could not be written, has failed. A reader that
    /// went away had what it wanted.
    /// </summary>
    public static int ExitCode(int code, SafeWriter output, SafeWriter error)
    {
        output.Flush();
        error.Flush();
        if (output.Failure is not { } failure || code != CommandLine.ExitCode.Done)
        {
            return code;
        }

        error.WriteLine($"error: standard output: received a stream that cannot be written to ({failure.Message.TrimEnd('.')}); "
            + "expected one that can. Free the disk, or direct the output elsewhere.");
        return CommandLine.ExitCode.Failed;
    }

    private static StreamWriter Open(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 1024) { AutoFlush = true };
}
