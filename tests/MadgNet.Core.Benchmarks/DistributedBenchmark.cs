using System.Globalization;
using MadgNet.Distributed.Tests.Support;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// What training on several ranks costs on this machine: latency and bandwidth of sums over the ranks, and their part of a step of
/// the published network.
/// </summary>
internal sealed class DistributedBenchmark : IBench
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public string Name => "distributed";

    public string Summary => "Bytes and time of what ranks send one another, beside a step, for 1, 2 and 4 ranks under every MPI.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        var figures = new List<string>();
        output.WriteLine("| MPI | ranks | sum of 1 KB | sum of 26 MB | step | of it together | gradients | short sums |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (Mpi mpi in Mpi.All.Where(mpi => mpi.IsThere))
        {
            foreach (int ranks in (int[])[1, 2, 4])
            {
                cancellationToken.ThrowIfCancellationRequested();
                MpiJob job = MpiJob.Run(mpi, ranks, Limit, "cost", "heartbeat=120", "operation=600");
                string line = job.Output.Split('\n').FirstOrDefault(text => text.StartsWith("cost ", StringComparison.Ordinal))
                    ?? throw new InvalidOperationException($"{mpi.Name}, {ranks} ranks: received no figures; expected a line of them. {job.Text}");
                double[] values = [.. line.Split(' ').Skip(1).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
                string sums = ranks == 1
                    ? "- | -"
                    : string.Create(CultureInfo.InvariantCulture, $"{values[1] * 1e6:F0} µs | {values[2] / 1e9:F2} GB/s");
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {mpi.Name} | {ranks} | {sums} | {values[4]:F2} s | {values[5] * 1000:F0} ms "
                        + $"({values[5] / values[4]:P0}) | {values[6] / 1e6:F0} MB | {values[7]:F0} |"));
                string name = $"{mpi.Name.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant()}-{ranks}";
                figures.Add(string.Create(CultureInfo.InvariantCulture, $"bench distributed {name} step: {values[4]:F2} s"));
                figures.Add(string.Create(CultureInfo.InvariantCulture, $"bench distributed {name} together: {values[5] * 1000:F0} ms"));
            }
        }

        figures.ForEach(output.WriteLine);
    }
}
