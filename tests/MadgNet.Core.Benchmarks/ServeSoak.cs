using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Benchmarks.Serving;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// 64 clients of one service: images of many sizes, broken files, files that are too large, and clients that leave in the middle. Every
/// good answer is the one that the same image gets alone, every bad file gets a refusal, and memory stays as it was.
/// </summary>
internal sealed class ServeSoak : ISoak
{
    private const int Clients = 64;

    /// <summary>What may be left over once every request has ended: caches of the server, fragments of the heap.</summary>
    private const long AllowedGrowth = 96L << 20;

    public string Name => "serve";

    public string Summary => "64 clients of a service for COUNT seconds: every good answer is the serial one, nothing leaks.";

    public int DefaultCount => 600;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        using var service = ServedModel.Start();
        IReadOnlyList<SoakRequest> requests = SoakRequest.Create(service);
        output.WriteLine($"{requests.Count} different requests, {Clients} clients, {count} seconds, at {service.Url}");
        var results = new SoakResults();
        var end = Stopwatch.StartNew();
        var limit = TimeSpan.FromSeconds(count);

        // Memory is compared after everything has been used once.
        long settled = 0;
        TimeSpan settling = limit / 4;
        Task watch = Task.Run(
            async () =>
            {
                await Task.Delay(settling, cancellationToken);
                settled = Process.GetCurrentProcess().WorkingSet64;
                output.WriteLine($"after {settling.TotalSeconds:F0} s: {results.Count} requests, {settled >> 20} MiB");
            },
            cancellationToken);
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(number => Task.Run(
            () => new SoakClient(service.Url, requests, results, number).RunAsync(() => end.Elapsed < limit, cancellationToken),
            cancellationToken))];
        Task.WaitAll(clients, cancellationToken);
        watch.Wait(cancellationToken);
        int leaked = service.Remaining();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        long last = Process.GetCurrentProcess().WorkingSet64;
        bool flat = last - settled <= AllowedGrowth;
        foreach (string fault in results.Faults.Take(20))
        {
            output.WriteLine(fault);
        }

        foreach ((string kind, int times) in results.Kinds)
        {
            output.WriteLine($"{kind}: {times}");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"memory: {settled >> 20} MiB after {settling.TotalSeconds:F0} s, {last >> 20} MiB at the end, {(flat ? "flat" : "grown")}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"soak serve: {results.Count} requests, {results.Wrong} wrong, {leaked} leaked, p99 {results.Percentile(0.99):F0} ms"));
        return results.Wrong == 0 && leaked == 0 && flat && results.Good > 0;
    }
}
