using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>
/// The process that reads damaged inputs, so that the soak survives what kills it. Writes a line before each input and one
/// after it; the last input that has no second line is the one that killed the process.
/// </summary>
internal static partial class FuzzWorker
{
    public const string Started = "start";
    public const string Accepted = "read";
    public const string Refused = "refused";
    public const string Crashed = "crashed";
    public const string Hung = "hung";

    /// <summary>
    /// An input that has kept a processor busy for this long hangs; waiting alone counts only after minutes, because a machine may stand
    /// still.
    /// </summary>
    private static readonly TimeSpan LargestWork = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LargestWait = TimeSpan.FromMinutes(4);

    /// <summary>The input of an index, which follows from the seed and the index alone.</summary>
    public static (FuzzTarget Target, string Extension, byte[] Content) Input(IReadOnlyList<FuzzTarget> targets, long seed, int index)
    {
        var random = new Random(HashCode(seed, index));
        FuzzTarget target = targets[index % targets.Count];
        (string extension, byte[] content) = target.Corpus[random.Next(target.Corpus.Count)];
        return (target,
            extension,
            target.Damage is { } damage ? damage(content, random)
                : target.Text ? FuzzMutation.Text(content, target.Corpus, random)
                : FuzzMutation.Bytes(content, target.Corpus, random));
    }

    /// <summary>Reads the inputs from one index to another.</summary>
    public static void Run(long seed, int from, int to, TextWriter output, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("madgnet-fuzz-");
        try
        {
            IReadOnlyList<FuzzTarget> targets = FuzzCorpus.Create(folder.FullName);
            for (int index = from; index < to; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (FuzzTarget target, string extension, byte[] content) = Input(targets, seed, index);
                string path = Path.Combine(folder.FullName, $"input{extension}");
                File.WriteAllBytes(path, content);
                Say(output, Started, index, target.Name);
                (string verdict, string message) = Guarded(() => target.Read(path, content));
                Say(output, verdict, index, message);
                if (verdict == Hung)
                {
                    // The thread cannot be stopped: the process ends, and another goes on behind this input.
                    output.Flush();
                    Process.GetCurrentProcess().Kill();
                }

                File.Delete(path);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Verdict, string Message) Guarded(Action read)
    {
        (string Verdict, string Message) result = (Hung, "no answer");
        int number = 0;
        var thread = new Thread(() =>
        {
            Volatile.Write(ref number, OperatingSystem.IsLinux() ? ThreadNumber() : 0);
            result = Judge(read);
        })
        {
            IsBackground = true,
        };
        TimeSpan before = OperatingSystem.IsLinux() ? TimeSpan.Zero : Work(0);
        var watch = Stopwatch.StartNew();
        thread.Start();
        while (!thread.Join(TimeSpan.FromMilliseconds(200)))
        {
            TimeSpan work = Work(Volatile.Read(ref number)) - before;
            if (work > LargestWork || watch.Elapsed > LargestWait)
            {
                return (Hung, $"no answer after {watch.Elapsed.TotalSeconds:F0} s, {work.TotalSeconds:F0} s of them at work");
            }
        }

        return result;
    }

    private static (string Verdict, string Message) Judge(Action read)
    {
        try
        {
            var statistics = DisposeScopeManager.Statistics.TensorStatistics;
            statistics.Reset();
            try
            {
                read();
            }
            catch (MadgNetException refused)
            {
                return statistics.ThreadTotalLiveCount == 0
                    ? (Refused, refused.GetType().Name)
                    : (Crashed, $"{statistics.ThreadTotalLiveCount} tensors left behind by {refused.GetType().Name}");
            }

            return statistics.ThreadTotalLiveCount == 0
                ? (Accepted, "")
                : (Crashed, $"{statistics.ThreadTotalLiveCount} tensors left behind");
        }
        catch (Exception crash)
        {
            string[] frames = (crash.StackTrace ?? "").Split('\n');
            string at = frames.FirstOrDefault(frame => frame.Contains("MadgNet.Core.", StringComparison.Ordinal)
                && !frame.Contains("Benchmarks", StringComparison.Ordinal))
                ?? frames[0];
            return (Crashed, $"{crash.GetType().Name}: {crash.Message.ReplaceLineEndings(" ")} {at.Trim()}");
        }
    }

    private static void Say(TextWriter output, string what, int index, string text)
    {
        output.WriteLine($"{what}\t{index}\t{text}");
        output.Flush();
    }

    /// <summary>
    /// What a thread has cost so far, or the process where the system does not tell: a network whose loading was given up some inputs
    /// ago may still be at work on a thread of its own.
    /// </summary>
    private static TimeSpan Work(int thread)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetCurrentProcess();
            return process.TotalProcessorTime;
        }

        try
        {
            // Behind the name, which is in parentheses: the state is the first field, user and system time are 12 and 13, in hundredths.
            string text = File.ReadAllText($"/proc/self/task/{thread}/stat");
            string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture)
                + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // It has ended, or has not begun.
            return TimeSpan.Zero;
        }
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadNumber();

    /// <summary>The same on every machine and in every version, which <see cref="System.HashCode"/> is not.</summary>
    private static int HashCode(long seed, int index)
    {
        ulong mixed = ((ulong)seed * 0x9E3779B97F4A7C15) + (ulong)index;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)(mixed >> 33);
    }
}
