using System.Globalization;
using MadgNet.Core.Weights;
using MadgNet.Distributed.Tests.Support;
using TorchSharp;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Jobs of several ranks under every MPI of the machine, in turn: drawn settings that have to come to the weights of one process,
/// and drawn faults at drawn moments, after which the job has to end in time, badly and without a process left, and to go on
/// with a drawn number of ranks to the weights of a run that nothing befell.
/// </summary>
internal sealed class DistributedSoak : ISoak
{
    private const double Tolerance = 1e-6;
    private const int Steps = 24;

    /// <summary>
    /// A step moves a weight by the rate times its gradient, so that a wrong gradient still shows far above the tolerance. Rounding grows
    /// with the rate and the steps, too: 24 steps at 0.01 came to 2e-6.
    /// </summary>
    private const string Rate = "rate=0.001";
    private static readonly string[] Faults = ["throw", "hang", "exit0", "exit1", "kill", "stop"];
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public string Name => "distributed";

    public string Summary => "Trains on several ranks under every MPI, with faults at random moments; all has to end, and to go on.";

    public int DefaultCount => 24;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        Mpi[] missing = [.. Mpi.All.Where(mpi => !mpi.IsThere)];
        if (missing.Length > 0)
        {
            output.WriteLine($"Missing: {string.Join(", ", missing.Select(mpi => mpi.Launcher))}. eng/mpi.sh installs them.");
            output.WriteLine($"soak distributed: 0 checks, {missing.Length} failed");
            return false;
        }

        var random = new Random(17);
        string root = Directory.CreateTempSubdirectory("madgnet-distributed-").FullName;
        int failed = 0;
        try
        {
            for (int check = 0; check < count; check++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Mpi mpi = Mpi.All[check % Mpi.All.Count];
                string folder = Path.Combine(root, $"check{check}");
                (string what, string? problem) = check / Mpi.All.Count % 3 == 0
                    ? Compare(mpi, folder, random)
                    : Break(mpi, folder, random, Faults[check / 3 % Faults.Length]);
                failed += problem is null ? 0 : 1;
                output.WriteLine($"{check + 1}: {mpi.Name}, {what}: {problem ?? "ok"}");
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        output.WriteLine($"soak distributed: {count} checks, {failed} failed");
        return failed == 0;
    }

    private static (string What, string? Problem) Compare(Mpi mpi, string folder, Random random)
    {
        int ranks = random.Next(2, 5);
        string[] work = Draw(random, steps: 6);
        string what = $"{ranks} ranks against one, {string.Join(' ', work)}";
        MpiJob alone = MpiJob.Run(null, 1, Hang, ["train", $"folder={Path.Combine(folder, "alone")}", $"library={mpi.Library}", .. work]);
        MpiJob job = MpiJob.Run(mpi, ranks, Hang, ["train", $"folder={Path.Combine(folder, "ranks")}", .. work]);
        return (what, alone.ExitCode != 0
            ? alone.Text
            : job.ExitCode != 0 ? job.Text : Difference(Path.Combine(folder, "alone"), Path.Combine(folder, "ranks")));
    }

    private static (string What, string? Problem) Break(Mpi mpi, string folder, Random random, string fault)
    {
        int ranks = random.Next(2, 4);
        int rank = random.Next(ranks);
        int after = random.Next(0, 4000);
        int later = random.Next(1, 4);
        string[] work = Draw(random, Steps);
        string what = $"{fault} of rank {rank} of {ranks} after {after} ms, goes on with {later}, {string.Join(' ', work)}";
        string broken = Path.Combine(folder, "ranks");
        MpiJob job = MpiJob.Run(
            mpi,
            ranks,
            Hang,
            ["train", $"folder={broken}", "resume=yes", .. work, $"fault={fault}", $"rank={rank}", $"after={after}", "heartbeat=10", "operation=15"]);

        // A job that was done before its fault is a job that nothing befell.
        bool befell = job.SinceFault is not null && job.ExitCode != 0;
        if (job.ExitCode < 0 || job.SinceFault > Bound)
        {
            return (what, $"took too long; {job.Text}");
        }

        if (!befell && job.ExitCode != 0)
        {
            return (what, job.Text);
        }

        if (job.Left is not [])
        {
            return (what, $"left the processes {string.Join(", ", job.Left)}");
        }

        MpiJob next = MpiJob.Run(
            later == 1 ? null : mpi, later, Hang, ["train", $"folder={broken}", "resume=yes", $"library={mpi.Library}", .. work]);
        MpiJob alone = MpiJob.Run(null, 1, Hang, ["train", $"folder={Path.Combine(folder, "alone")}", $"library={mpi.Library}", .. work]);
        what += befell
            ? string.Create(CultureInfo.InvariantCulture, $", ended in {job.SinceFault!.Value.TotalSeconds:F1} s with {job.ExitCode}")
            : ", was done before";
        return (what, next.ExitCode != 0
            ? next.Text
            : alone.ExitCode != 0 ? alone.Text : Difference(Path.Combine(folder, "alone"), broken));
    }

    /// <summary>Settings of a run: batches that ranks share evenly or not, and what a step does.</summary>
    private static string[] Draw(Random random, int steps)
    {
        var work = new List<string> { $"steps={steps}", $"batch={random.Next(3, 7)}", Rate, "checkpoint=2", "validate=6" };
        if (random.Next(2) == 0)
        {
            work.Add("accumulation=2");
        }

        if (random.Next(2) == 0)
        {
            work.Add("clip=0.05");
        }

        if (random.Next(2) == 0)
        {
            work.Add("average=0.9");
        }

        return [.. work];
    }

    private static string? Difference(string expected, string actual)
    {
        foreach (string path in Directory.GetFiles(expected, "last*.safetensors"))
        {
            using WeightArchive left = SafetensorsFile.Open(path);
            using WeightArchive right = SafetensorsFile.Open(Path.Combine(actual, Path.GetFileName(path)));
            foreach (string name in left.Names)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                double difference = (left.Load(name).to(torch.float64) - right.Load(name).to(torch.float64)).abs().max().item<double>();
                if (!(difference <= Tolerance))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, {name} differs by {difference:G3}");
                }
            }
        }

        return null;
    }
}
