using System.Runtime.InteropServices;

namespace MadgNet.Distributed.Worker;

/// <summary>What befalls a rank: fault=KIND rank=N after=MILLISECONDS.</summary>
internal static partial class Fault
{
    private const int Kill = 9;
    private const int Stop = 19;

    private static volatile bool _throws;
    private static volatile bool _hangs;

    /// <summary>Prepares what befalls this rank, if anything does.</summary>
    public static void Arrange(Settings settings, int rank)
    {
        if (settings.Text("fault") is not { } kind || settings.Count("rank", 0) != rank)
        {
            return;
        }

        var thread = new Thread(() =>
        {
            Thread.Sleep(settings.Count("after", 0));
            Console.Out.WriteLine($"rank {rank}: {kind}");
            Console.Out.Flush();
            switch (kind)
            {
                case "throw":
                    _throws = true;
                    break;
                case "hang":
                    _hangs = true;
                    break;
                case "exit0":
                    Environment.Exit(0);
                    break;
                case "exit1":
                    Environment.Exit(1);
                    break;
                case "kill":
                    _ = Send(Environment.ProcessId, Kill);
                    break;
                case "stop":
                    _ = Send(Environment.ProcessId, Stop);
                    break;
                default:
                    throw new ArgumentException($"fault: received '{kind}'; expected throw, hang, exit0, exit1, kill or stop.");
            }
        })
        { IsBackground = true };
        thread.Start();
    }

    /// <summary>Throws where this rank is to throw, and never returns where it is to hang.</summary>
    public static void Meet()
    {
        if (_hangs)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        if (_throws)
        {
            throw new InjectedException("This rank was told to throw.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
