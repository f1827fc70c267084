using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Reporting;
using TorchSharp;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Trains a small network in a process of its own, kills that process (SIGKILL) at a random moment, resumes it, and compares
/// the final weights with those of a run that nobody killed. After every kill each file of the run is read and checked. The
/// networks take turns: MADGNet and U-Net.
/// </summary>
/// <remarks>
/// A part of the kills comes at a moment that is drawn from the whole length of the training; the others follow the beginning
/// of a step, a validation or a file that was drawn by up to two milliseconds, because steps take most of the time and would
/// take most of the kills. The process tells where it is by a line on its output; where it was when it died is what it told last.
/// </remarks>
internal sealed class KillSoak : ISoak
{
    /// <summary>What the process that is killed is asked for on its command line.</summary>
    public const string ChildName = "kill";

    private const int Steps = 40;
    private const string Began = "began";
    private const string Encoder = "tiny";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly ModelRegistry Registry =
        ModelRegistry.BuiltIn.With(new EncoderEntry(Encoder, channels => new TinyEncoder(channels, TinyModel.Levels)));
    private static readonly string[] Networks = [MadgNetModel.ArchitectureName, UNet.ArchitectureName];

    public string Name => "kill";

    public string Summary => "Kills a training process at random moments and resumes it; the final weights must be the same bits.";

    public int DefaultCount => 50;

    /// <summary>The process that is killed: trains, or goes on, in a folder, and tells where it is.</summary>
    public static void RunChild(string network, string folder, CancellationToken cancellationToken)
    {
        torch.set_num_threads(1);
        using SegmentationModel model = network == UNet.ArchitectureName
            ? new UNet(new UNetOptions { Encoder = Encoder, DecoderChannels = [8, 6] }, Registry, seed: 5)
            : new MadgNetModel(TinyModel.Options with { Encoder = Encoder }, Registry, seed: 5);
        string? last = null;
        var options = new TrainerOptions
        {
            Steps = Steps,
            Optimizer = new AdamWOptions(),
            Schedule = new WarmUpSchedule(new CosineAnnealingSchedule(1e-2, 1e-4, ScheduleUnit.Step), 5, ScheduleUnit.Step),
            AccumulationSteps = 2,
            EmaDecay = 0.9,
            ValidateEverySteps = 3,
            CalibrateThreshold = true,
            OutputFolder = folder,
            Checkpoints = new CheckpointOptions { EverySteps = 2 },
            Resume = ResumeMode.IfPresent,
            Observers = [new Beginning()],
            Probe = point =>
            {
                if (point != last)
                {
                    last = point;
                    Tell(point);
                }
            },
        };
        new Trainer(model, options).Train(
            new BatchLoader(
                Discs.Dataset(14),
                new BatchLoaderOptions
                {
                    BatchSize = 2,
                    Seed = 3,
                    Workers = 2,
                    Transform = new Compose(new HorizontalFlip(), new RandomRotation(10))
                }),
            new BatchLoader(Discs.Dataset(6, seed: 2), new BatchLoaderOptions { BatchSize = 2, Shuffle = false, Workers = 1 }),
            cancellationToken: cancellationToken);
    }

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        var random = new Random(20);
        var places = new SortedDictionary<string, int>(StringComparer.Ordinal);
        string root = Directory.CreateTempSubdirectory("madgnet-kill-").FullName;
        try
        {
            var references = new Dictionary<string, Life>();
            foreach (string name in Networks)
            {
                references[name] = Live(name, Path.Combine(root, name), Target.None, cancellationToken);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"A run of {Steps} steps of {name} that nobody kills takes {references[name].Training.TotalMilliseconds:F0} ms."));
            }

            int equal = 0;
            int lost = 0;
            int kills = 0;
            for (int run = 1; run <= count; run++)
            {
                string network = Networks[run % Networks.Length];
                string whole = Path.Combine(root, network);
                string folder = Path.Combine(root, $"run{run}");
                var problems = new List<string>();
                long saved = 0;
                for (int left = random.Next(1, 3); left > 0;)
                {
                    Life life = Live(network, folder, Target.Draw(random, references[network]), cancellationToken);
                    Check(life, saved, problems);
                    saved = Math.Max(saved, life.Saved);
                    if (!life.Killed)
                    {
                        // It was faster than its murderer.
                        break;
                    }

                    places[life.Place] = places.GetValueOrDefault(life.Place) + 1;
                    CheckFiles(folder, problems);
                    kills++;
                    left--;
                }

                Life final = Live(network, folder, Target.None, cancellationToken);
                Check(final, saved, problems);
                foreach (string name in (string[])[
                    Trainer.LastFileName,
                    Trainer.BestFileName,
                    Trainer.LastEmaFileName,
                    Trainer.BestEmaFileName
                ])
                {
                    if (!File.ReadAllBytes(Path.Combine(whole, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder, name))))
                    {
                        problems.Add($"{name} differs");
                    }
                }

                equal += problems.Exists(problem => problem.StartsWith(Trainer.LastFileName, StringComparison.Ordinal)) ? 0 : 1;
                lost += problems.Count > 0 ? 1 : 0;
                foreach (string problem in problems)
                {
                    output.WriteLine($"run {run} of {network}: {problem}");
                }

                Directory.Delete(folder, recursive: true);
            }

            output.WriteLine($"{kills} kills: {string.Join(", ", places.Select(place => $"{place.Value} {place.Key}"))}.");
            output.WriteLine($"soak kill: {count} runs, {equal} bit-equal, {lost} lost");
            return equal == count && lost == 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Tell(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>A run that goes on has to do so from the last checkpoint that it had told to be there, or a later one.</summary>
    private static void Check(Life life, long saved, List<string> problems)
    {
        if (!life.Killed && life.ExitCode != 0)
        {
            problems.Add($"the process ended with {life.ExitCode}: {life.Errors}");
        }

        if (life.BeganAt is { } began && began < saved)
        {
            problems.Add($"it went on from step {began}, though step {saved} was saved");
        }
    }

    /// <summary>Reads every file of a run, but for its lock; temporary ones are not looked at by anybody.</summary>
    private static void CheckFiles(string folder, List<string> problems)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !AtomicFile.IsTemporary(file) && Path.GetFileName(file) != RunLock.FileName))
        {
            try
            {
                if (Path.GetFileName(Path.GetDirectoryName(file)) == "checkpoints")
                {
                    CheckpointFolder.Open(file).Dispose();
                }
                else
                {
                    using var model = SegmentationModel.Load(file, Registry);
                }
            }
            catch (MadgNetException exception)
            {
                problems.Add(exception.Message);
            }
        }
    }

    /// <summary>One life of the process, to its end or until it is killed.</summary>
    private static Life Live(string network, string folder, Target target, CancellationToken cancellationToken)
    {
        string host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KillSoak).Assembly.Location);
        }

        foreach (string argument in (string[])["child", ChildName, network, folder])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
        using CancellationTokenRegistration registration = cancellationToken.Register(() => Kill(process));
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var life = new Life();
        Task? shot = null;
        int met = 0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            life.Take(line);
            if (shot is null && target.IsMet(line, ref met))
            {
                shot = Task.Run(() => target.Shoot(process), CancellationToken.None);
            }
        }

        if (!process.WaitForExit(Patience))
        {
            Kill(process);
            throw new TimeoutException("The process has closed its output and does not end.");
        }

        shot?.Wait(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        life.End(process.ExitCode, errors.Result);
        return life;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Tells where a run begins.</summary>
    private sealed class Beginning : ITrainingObserver
    {
        public void RunStarted(TrainingRun run) => Tell(string.Create(CultureInfo.InvariantCulture, $"{Began}, step {run.StepsDone}"));
    }

    /// <summary>When to kill.</summary>
    private sealed record Target(string? Point, int Occurrence, TimeSpan Delay)
    {
        public static Target None { get; } = new(null, 0, TimeSpan.Zero);

        public static Target Draw(Random random, Life reference)
        {
            string[] points = [
                "backward",
                "after update",
                "validation batch",
                "checkpoint begun",
                "checkpoint half written",
                "before ",
                Began,
                Began
            ];
            string point = points[random.Next(points.Length)];
            return point == Began
                ? new Target(point, 1, reference.Training * random.NextDouble())
                : new Target(
                    point, random.Next(1, Math.Max(2, reference.Count(point))), TimeSpan.FromMilliseconds(2 * random.NextDouble()));
        }

        public bool IsMet(string line, ref int met) =>
            Point is not null && line.StartsWith(Point, StringComparison.Ordinal) && ++met >= Occurrence;

        public void Shoot(Process process)
        {
            var watch = Stopwatch.StartNew();
            if (Delay > TimeSpan.FromMilliseconds(5))
            {
                Thread.Sleep(Delay);
            }

            SpinWait.SpinUntil(() => watch.Elapsed >= Delay);
            Kill(process);
        }
    }

    /// <summary>What one life of the process told.</summary>
    private sealed class Life
    {
        private readonly List<string> _lines = [];
        private readonly Stopwatch _watch = new();

        public TimeSpan Training => _watch.Elapsed;

        public bool Killed { get; private set; }

        public int ExitCode { get; private set; }

        public string Errors { get; private set; } = "";

        public long? BeganAt { get; private set; }

        public long Saved { get; private set; }

        /// <summary>What the process was at when it died.</summary>
        public string Place => _lines.LastOrDefault() switch
        {
            null => "before training",
            var line when line.StartsWith(Began, StringComparison.Ordinal) => "before the first step",
            var line when line.StartsWith("validation", StringComparison.Ordinal) => "in a validation",
            var line when line.StartsWith("checkpoint begun", StringComparison.Ordinal)
                || line.StartsWith("checkpoint half", StringComparison.Ordinal) => "writing a checkpoint",
            var line when line.StartsWith("before update", StringComparison.Ordinal) => "in an update",
            var line when line.StartsWith("before ", StringComparison.Ordinal) => "writing weights",
            _ => "in or between steps",
        };

        public int Count(string point) => _lines.Count(line => line.StartsWith(point, StringComparison.Ordinal));

        public void Take(string line)
        {
            _lines.Add(line);
            long step = long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            if (line.StartsWith(Began, StringComparison.Ordinal))
            {
                BeganAt = step;
                _watch.Start();
            }
            else if (line.StartsWith("checkpoint renamed", StringComparison.Ordinal))
            {
                Saved = step;
            }
        }

        public void End(int exitCode, string errors)
        {
            _watch.Stop();
            (ExitCode, Errors) = (exitCode, errors.Trim());
            Killed = exitCode == 137;
        }
    }
}
