using System.Diagnostics;
using System.Globalization;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Runs a part of a bench in a process of its own, where peak memory and start-up are its alone: the same program with the
/// same bench's name, which finds its part in an environment variable and answers with a last line of numbers.
/// </summary>
internal static class Child
{
    private const string Variable = "MADGNET_BENCH_PART";

    /// <summary>The part that this process was started for; null where it is the bench itself.</summary>
    public static string? Part => Environment.GetEnvironmentVariable(Variable);

    /// <summary>The numbers of the last line that the part wrote, and how long its process took in seconds.</summary>
    public static (double[] Values, double Seconds) Run(string bench, string part, string? argument = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["bench", bench]) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Insert(0, typeof(Child).Assembly.Location);
        }

        start.Environment[Variable] = argument is null ? part : $"{part} {argument}";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"Part {part} of bench {bench}: received exit code {process.ExitCode}; expected 0. Its output: {text}");
        }

        string last = text.TrimEnd().Split('\n')[^1];
        return ([.. last.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture))], seconds);
    }

    /// <summary>The working set now, in MB.</summary>
    public static double Resident() => Read("VmRSS:");

    /// <summary>
    /// The memory that is this process's alone, without the code of libraries, in MB; the working set where the system does not tell the
    /// two apart.
    /// </summary>
    public static double Private() => Read("RssAnon:");

    /// <summary>The largest working set so far, in MB.</summary>
    public static double Peak() => Read("VmHWM:");

    /// <summary>Forgets the largest working set so far, where the system can.</summary>
    public static void ResetPeak()
    {
        if (OperatingSystem.IsLinux())
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
    }

    private static double Read(string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            using Process process = Process.GetCurrentProcess();
            return (name == "VmHWM:" ? process.PeakWorkingSet64 : process.WorkingSet64) / (double)(1 << 20);
        }

        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
