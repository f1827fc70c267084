using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Runtime;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>
/// What an encoder that has learned on ImageNet is worth: the same network, images, order and seed, from pretrained weights and from fresh
/// ones, tested on images of the same source and of another.
/// </summary>
internal sealed class PretrainedBenchmark : IPartedBench
{
    private const string ControlsPart = "controls";
    private const string SettingsPart = "settings";
    private const string DeployPart = "deploy";
    private const string Folder = "runs/bench-pretrained";
    private const long Seed = 1;

    private static readonly long[] Seeds = [1, 2, 3];

    public string Name => "pretrained";

    public string Summary =>
        "Pretrained beside fresh weights on real images (half an hour on two cores); further parts: "
            + $"{DeployPart} (minutes), {ControlsPart} and {SettingsPart} (hours).";

    public IReadOnlyList<string> Parts { get; } =
        [.. PretrainedCase.All.Select(set => set.Name), DeployPart, ControlsPart, SettingsPart];

    public void Run(TextWriter output, CancellationToken cancellationToken) =>
        Run([.. PretrainedCase.All.Select(set => set.Name)], output, cancellationToken);

    public void Run(IReadOnlyList<string> parts, TextWriter output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        if (parts.Contains(DeployPart))
        {
            PretrainedDeployment.Run(output, cancellationToken);
        }

        if (parts.Any(part => part != DeployPart))
        {
            if (SharedData() is not { } data)
            {
                output.WriteLine("Skipped: the images lie in ../shared/data, which is not there.");
                return;
            }

            Directory.CreateDirectory(Folder);
            var run = new PretrainedRun(data, Folder, output, cancellationToken);
            Compare(parts, data, run, output);
            if (parts.Contains(ControlsPart))
            {
                Control(data, run, output);
            }

            if (parts.Contains(SettingsPart))
            {
                new PretrainedSettings(data, Folder, output, cancellationToken).Run();
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{watch.Elapsed.TotalMinutes:F1} minutes in all, on {NativeRuntime.Describe()}. Results are kept in {Path.GetFullPath(Folder)}: "
                + $"what is there is not measured again."));
    }

    private static void Compare(IReadOnlyList<string> parts, string data, PretrainedRun run, TextWriter output)
    {
        var results = new List<PretrainedResult>();
        foreach (PretrainedCase set in PretrainedCase.All.Where(set => parts.Contains(set.Name)))
        {
            if (!IsThere(set, data, output))
            {
                continue;
            }

            PretrainedResult pretrained = run.Of(set, PretrainedStart.Pretrained, Seed);
            PretrainedResult random = run.Of(set, PretrainedStart.Random, Seed);
            results.AddRange(pretrained, random);
            string unseen = pretrained.Unseen is { } other && random.Unseen is { } otherRandom
                ? Measuring.Text($"unseen {other.Mean:F2} unseen-random {otherRandom.Mean:F2}")
                : "unseen none unseen-random none";
            output.WriteLine(Measuring.Text(
                $"bench pretrained {set.Name}: {pretrained.Seen.Mean:F2} random {random.Seen.Mean:F2} {unseen}"));
        }

        Table(results, output, "table.md");
    }

    private static void Control(string data, PretrainedRun run, TextWriter output)
    {
        PretrainedCase set = PretrainedCase.All[0];
        if (!IsThere(set, data, output))
        {
            return;
        }

        var results = new List<PretrainedResult>();
        foreach (PretrainedStart start in new[]
        {
            PretrainedStart.Pretrained,
            PretrainedStart.Random,
            PretrainedStart.PretrainedFullRate,
            PretrainedStart.RandomTenth,
            PretrainedStart.ResNeSt,
        })
        {
            PretrainedResult[] ofStart = [.. Seeds.Select(seed => run.Of(set, start, seed))];
            results.AddRange(ofStart);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bench pretrained controls {start.Name}: {ofStart.Average(result => result.Seen.Mean):F2} unseen "
                    + $"{ofStart.Average(result => result.Unseen!.Mean):F2} ({ofStart.Length} seeds, {set.Name})"));
        }

        Table(results, output, "controls.md");
    }

    private static void Table(List<PretrainedResult> results, TextWriter output, string file)
    {
        if (results.Count == 0)
        {
            return;
        }

        var table = new ReportTable(
            "Mean Dice over test images with its 95 % interval",
            ReportColumn.Text("set"),
            ReportColumn.Text("start"),
            ReportColumn.Text("seed"),
            ReportColumn.Text("validation"),
            ReportColumn.Text("test"),
            ReportColumn.Text("unseen"),
            ReportColumn.Text("steps"),
            ReportColumn.Text("seconds"));
        foreach (PretrainedResult result in results)
        {
            table.Add(
                result.Case,
                result.Start,
                Measuring.Text($"{result.Seed}"),
                Measuring.Text($"{result.Validation:F3}"),
                $"{result.Seen}",
                result.Unseen is { } unseen ? $"{unseen}" : "none",
                Measuring.Text($"{result.Steps}"),
                Measuring.Text($"{result.Seconds:F0}"));
        }

        string markdown = table.ToMarkdown();
        output.WriteLine();
        output.WriteLine(markdown);
        File.WriteAllText(Path.Combine(Folder, file), markdown);
    }

    private static bool IsThere(PretrainedCase set, string data, TextWriter output)
    {
        string? missing = new[]
        {
            set.Seen,
            set.Unseen
        }.FirstOrDefault(name => name is not null && !Directory.Exists(Path.Combine(data, name)));
        if (missing is not null)
        {
            output.WriteLine($"Skipped {set.Name}: ../shared/data/{missing} is not there.");
        }

        return missing is null;
    }

    private static string? SharedData()
    {
        string data = Path.GetFullPath(Path.Combine(Repository.Folder("src"), "..", "..", "shared", "data"));
        return Directory.Exists(data) ? data : null;
    }
}
