using System.Globalization;
using MadgNet.Core.Benchmarks;

const int Usage = 2;
const int Interrupted = 130;
IReadOnlyList<IBench> benches = Find<IBench>(bench => bench.Name);
IReadOnlyList<ISoak> soaks = Find<ISoak>(soak => soak.Name);
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

try
{
    return Dispatch();
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted.");
    return Interrupted;
}

int Dispatch()
{
    switch (args)
    {
        case ["bench", var name] when benches.FirstOrDefault(bench => bench.Name == name) is { } bench:
            bench.Run(Console.Out, interrupted.Token);
            return 0;
        case ["bench", var name, .. var parts] when parts.Length > 0
            && benches.OfType<IPartedBench>().FirstOrDefault(bench => bench.Name == name) is { } bench:
            if (parts.FirstOrDefault(part => !bench.Parts.Contains(part)) is { } unknown)
            {
                return Explain($"The bench '{name}' has no part '{unknown}': its parts are {string.Join(", ", bench.Parts)}.");
            }

            bench.Run(parts, Console.Out, interrupted.Token);
            return 0;
        case ["soak", var name, .. var rest] when rest.Length <= 1 && soaks.FirstOrDefault(soak => soak.Name == name) is { } soak:
            int count = soak.DefaultCount;
            if (rest is [var given]
                && (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count < 1))
            {
                return Explain($"COUNT: received '{given}'; expected a whole number of at least 1, for example 1000.");
            }

            return soak.Run(count, Console.Out, interrupted.Token) ? 0 : 1;
        case ["child", KillSoak.ChildName, var network, var folder]:
            KillSoak.RunChild(network, folder, interrupted.Token);
            return 0;
        case ["bench", var name]:
            return Explain($"There is no bench '{name}'.");
        case ["soak", var name, .. { Length: <= 1 }]:
            return Explain($"There is no soak '{name}'.");
        default:
            return Explain("Say what to run: bench NAME [PART…], or soak NAME [COUNT].");
    }
}

int Explain(string problem)
{
    Console.Error.WriteLine(problem);
    List("bench", benches.Select(bench => (bench.Name, bench.Summary)));
    List("soak", soaks.Select(soak => (soak.Name, soak.Summary)));
    return Usage;
}

static void List(string kind, IEnumerable<(string Name, string Summary)> entries)
{
    Console.Error.WriteLine($"{kind}:");
    foreach ((string name, string summary) in entries.DefaultIfEmpty(("(none yet)", string.Empty)))
    {
        Console.Error.WriteLine($"  {name,-24} {summary}".TrimEnd());
    }
}

static IReadOnlyList<T> Find<T>(Func<T, string> nameOf) =>
    [.. typeof(Program).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(T).IsAssignableFrom(type))
        .Select(type => (T)Activator.CreateInstance(type)!)
        .OrderBy(nameOf, StringComparer.Ordinal)];
