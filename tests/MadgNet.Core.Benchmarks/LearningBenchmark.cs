using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Metrics;
using MadgNet.Core.Runtime;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Whether the recipes learn on real images within a few minutes on a processor, and how far that carries to another set; and
/// whether bfloat16 learns as well as float32. What is measured is written as Markdown and as a picture of the curves.
/// </summary>
internal sealed class LearningBenchmark : IPartedBench
{
    private const string PrecisionPart = "precision";
    private const string SmokePart = "smoke";
    private const string Folder = "runs/bench-learning";

    public string Name => "learning";

    public string Summary => $"Recipes on real images (some 20 minutes on two cores); parts: {string.Join(", ", Parts)}.";

    public IReadOnlyList<string> Parts { get; } = [.. LearningCase.All.Select(learning => learning.Name), PrecisionPart, SmokePart];

    public void Run(TextWriter output, CancellationToken cancellationToken) =>
        Run([.. Parts.Where(part => part != SmokePart)], output, cancellationToken);

    public void Run(IReadOnlyList<string> parts, TextWriter output, CancellationToken cancellationToken)
    {
        if (Data() is not { } data)
        {
            output.WriteLine("Skipped: the images lie in ../shared/data, which is not there.");
            return;
        }

        // Smoke is every other part, or those that are named beside it, for one epoch: whether data and code go together.
        bool smoke = parts.Contains(SmokePart);
        if (smoke && parts.Count == 1)
        {
            parts = Parts;
        }

        LearningCase[] cases = [.. LearningCase.All.Select(learning => smoke ? learning with { Epochs = 1 } : learning)];
        var watch = Stopwatch.StartNew();
        var runs = new List<LearningRun>();
        var sections = new List<string>();
        foreach (LearningCase learning in cases.Where(learning => parts.Contains(learning.Name)))
        {
            if (new[]
            {
                learning.Seen,
                learning.Unseen
            }.FirstOrDefault(set => set is not null && !Directory.Exists(Path.Combine(data, set))) is { } missing)
            {
                output.WriteLine($"Skipped {learning.Name}: ../shared/data/{missing} is not there.");
                continue;
            }

            LearningRun run = LearningRun.Of(learning, TrainingPrecision.Float32, data, output, cancellationToken);
            runs.Add(run);
            sections.Add(run.ToMarkdown());
            Save(output, runs, sections, say: false);
        }

        LearningCase nuclei = cases[0];
        if (parts.Contains(PrecisionPart)
            && Directory.Exists(Path.Combine(data, nuclei.Seen))
            && Directory.Exists(Path.Combine(data, nuclei.Unseen!)))
        {
            LearningRun exact = runs.Find(run => run.Case == nuclei)
                ?? LearningRun.Of(nuclei, TrainingPrecision.Float32, data, output, cancellationToken);
            LearningRun brief = LearningRun.Of(nuclei, TrainingPrecision.BFloat16, data, output, cancellationToken);
            sections.Add(Compare(exact, brief));
            runs.Add(brief);
        }

        Save(output, runs, sections, say: true);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalMinutes:F1} minutes in all, on {NativeRuntime.Describe()}."));
    }

    private static string? Data()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "MadgNet.Core.sln")))
            {
                string data = Path.GetFullPath(Path.Combine(folder, "..", "shared", "data"));
                return Directory.Exists(data) ? data : null;
            }
        }

        return null;
    }

    private static string Compare(LearningRun exact, LearningRun brief)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine(
            "### bfloat16 beside float32, on nuclei\n\nThe same seed, images and order. The same weights cannot come of it: a short "
                + "training from fresh weights goes its own way from the first rounding on.\n");
        text.WriteLine(
            "| precision in effect | Dice | 95 % interval | IoU | last loss | seconds a step (median) |\n|---|---:|---:|---:|---:|---:|");
        foreach (LearningRun run in new[] { exact, brief })
        {
            MetricSummary dice = run.Seen.Summarize(Metric.Dice);
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {run.Precision} | {dice.Mean:F4} | {dice.Confidence.Lower:F4} to {dice.Confidence.Upper:F4} | "
                    + $"{run.Seen.Summarize(Metric.IntersectionOverUnion).Mean:F4} | {run.Result.Last.Loss:F3} | {run.StepSeconds:F3} |"));
        }

        double difference = brief.Seen.Summarize(Metric.Dice).Mean - exact.Seen.Summarize(Metric.Dice).Mean;
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nDifference in Dice {difference:+0.0000;-0.0000} on {exact.Seen.Cases.Count} test images; a step of bfloat16 takes "
                + $"{brief.StepSeconds / exact.StepSeconds:F2} of the time of one of float32."));
        return text.ToString();
    }

    private static void Save(TextWriter output, List<LearningRun> runs, List<string> sections, bool say)
    {
        if (runs.Count == 0)
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        string results = Path.Combine(Folder, "results.md");
        string curves = Path.Combine(Folder, "learning.svg");
        File.WriteAllText(results, string.Join("\n", sections));
        File.WriteAllText(curves, LearningCurves.ToSvg(runs));
        if (say)
        {
            output.WriteLine();
            output.WriteLine(string.Join("\n", sections));
            output.WriteLine($"Written to {Path.GetFullPath(results)} and {Path.GetFullPath(curves)}.");
        }
    }
}
