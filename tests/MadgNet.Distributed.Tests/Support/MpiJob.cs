using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MadgNet.Distributed.Tests.Support;

/// <summary>A job of several ranks, or of one that nothing launched, run to its end.</summary>
/// <param name="ExitCode">What the launcher answered.</param>
/// <param name="Output">What the ranks wrote.</param>
/// <param name="Error">What they and the launcher wrote to standard error.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Processes">The ranks' processes.</param>
public sealed partial record MpiJob(int ExitCode, string Output, string Error, TimeSpan Elapsed, IReadOnlyList<int> Processes)
{
    /// <summary>The worker, beside this program.</summary>
    public static string Worker => Path.Combine(AppContext.BaseDirectory, "MadgNet.Distributed.Worker.dll");

    /// <summary>Everything that was written.</summary>
    public string Text => $"exit code {ExitCode} after {Elapsed.TotalSeconds:F1} s{Environment.NewLine}{Output}{Error}";

    /// <summary>How long after a fault the job ended; null where none was told of.</summary>
    public TimeSpan? SinceFault { get; private init; }

    /// <summary>The ranks' processes that stay. A launcher may be done a moment before the system has put them away.</summary>
    public IReadOnlyList<int> Left
    {
        get
        {
            SpinWait.SpinUntil(() => !Processes.Any(IsAlive), TimeSpan.FromSeconds(20));
            return [.. Processes.Where(IsAlive)];
        }
    }

    /// <summary>Runs the worker under a launcher.</summary>
    /// <param name="mpi">The MPI; null for a process that nothing launches.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="limit">After which the job counts as hanging, and is ended.</param>
    /// <param name="arguments">What the worker is told.</param>
    public static MpiJob Run(Mpi? mpi, int ranks, TimeSpan limit, params IEnumerable<string> arguments)
    {
        string[] worker = ["dotnet", Worker, .. arguments];
        string[] line = mpi is null
            ? worker
            : [mpi.Launcher, "-n", ranks.ToString(CultureInfo.InvariantCulture), .. worker];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.ToList().Where(name =>
            name.StartsWith("OMPI_", StringComparison.Ordinal)
                || name.StartsWith("PMI", StringComparison.Ordinal)
                || name.StartsWith("SLURM_", StringComparison.Ordinal)))
        {
            start.Environment.Remove(name);
        }

        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["TERM"] = "dumb";

        // Open MPI refuses root and more ranks than cores unless it is told; its ranks are to give their core away while they wait.
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        start.Environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1";
        start.Environment["OMPI_MCA_mpi_yield_when_idle"] = "1";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        long fault = 0;
        Task<string> output = Task.Run(() =>
        {
            var lines = new List<string>();
            while (process.StandardOutput.ReadLine() is { } text)
            {
                lines.Add(text);
                if (FaultLine().IsMatch(text))
                {
                    Volatile.Write(ref fault, Stopwatch.GetTimestamp());
                }
            }

            return string.Concat(lines.Select(text => text + Environment.NewLine));
        });
        bool ended = process.WaitForExit(limit);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(began);
        TimeSpan? since = Volatile.Read(ref fault) is not 0 and long at ? Stopwatch.GetElapsedTime(at) : null;
        if (!ended)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        // Ranks that outlived their launcher hold its pipes.
        Task.WaitAll([output, error], TimeSpan.FromSeconds(10));
        string written = output.IsCompleted ? output.Result : "(its output is still open)";
        return new MpiJob(
            ended ? process.ExitCode : -1,
            written,
            error.IsCompleted ? error.Result : "(its errors are still open)",
            elapsed,
            [.. ProcessNumber().Matches(written).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))])
        {
            SinceFault = since,
        };
    }

    private static bool IsAlive(int process)
    {
        string status = $"/proc/{process}/stat";
        try
        {
            // What has ended and was not yet asked about is a zombie; "(dotnet) Z".
            return File.Exists(status) && !File.ReadAllText(status).Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It went while it was looked at.
            return false;
        }
    }

    [GeneratedRegex(@"process (\d+)")]
    private static partial Regex ProcessNumber();

    [GeneratedRegex(@"rank \d+: (throw|hang|exit0|exit1|kill|stop)$")]
    private static partial Regex FaultLine();
}
