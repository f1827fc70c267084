using System.Runtime.InteropServices;

namespace MadgNet.Cli.CommandLine;

/// <summary>Turns the first Ctrl-C or SIGTERM into a cancellation; a second one ends the process as if nobody listened.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What is said at the first signal; a command that saves something says so.</summary>
    private const string Usual = "Stopping; Ctrl-C again ends at once";

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>What answers the first signal, at once; null where standard error does.</summary>
    public static Action? Answer { get; set; }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            // A bar may have hidden the cursor.
            if (!Console.IsErrorRedirected)
            {
                Console.Error.Write("\e[?25h");
            }

            return;
        }

        context.Cancel = true;
        if (Answer is { } answer)
        {
            answer();
        }
        else
        {
            Console.Error.WriteLine(Usual);
        }

        _source.Cancel();
    }
}
