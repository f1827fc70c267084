using System.Globalization;
using MadgNet.Distributed;
using MadgNet.Distributed.Worker;

// What the tests and the soak start as ranks: WORK key=value…
// One write for each message: those of several ranks share a pipe, and the console parts longer ones than 256 bytes.
Console.SetError(TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError(), bufferSize: 1 << 16) { AutoFlush = true }));

var settings = new Settings(args.Skip(1));
try
{
    using var group = MpiProcessGroup.Initialize(new MpiOptions
    {
        Library = settings.Text("library"),
        HeartbeatTimeout = settings.Text("heartbeat") == "none" ? null : TimeSpan.FromSeconds(settings.Number("heartbeat", 10)),
        OperationTimeout = TimeSpan.FromSeconds(settings.Number("operation", 120)),
        FailureGrace = TimeSpan.FromSeconds(settings.Number("grace", 2)),
        Logger = new ErrorLogger(),
    });
    Say($"rank {group.Rank} of {group.Size}, {group.LocalRank} of {group.LocalSize} here, process {Environment.ProcessId}, {group.Library}");
    Fault.Arrange(settings, group.Rank);
    switch (args.FirstOrDefault())
    {
        case "collectives":
            Collectives.Check(group);
            break;
        case "train":
            Training.Run(group, settings);
            break;
        case "cost":
            Cost.Measure(group, settings);
            break;
        case "leave" when group.Rank == 1:
            return 0;
        case "leave":
            group.Barrier();
            break;
        case "mismatch":
            Training.Run(group, settings.With("discs", (13 + group.Rank).ToString(CultureInfo.InvariantCulture)));
            break;
        default:
            throw new ArgumentException($"Received '{string.Join(' ', args)}'; expected collectives, train, cost, leave or mismatch.");
    }

    group.Complete();
    Say($"rank {group.Rank} completed");
    return 0;
}
catch (Exception exception) when (exception is MadgNet.Core.Foundation.MadgNetException or InjectedException)
{
    Console.Error.WriteLine($"{exception.GetType().Name} {(exception as MpiException)?.Fault}: {exception.Message}");
    return 1;
}

// One write: lines of several ranks do not mix.
static void Say(string line)
{
    Console.Out.Write(line + Environment.NewLine);
    Console.Out.Flush();
}
