using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>
/// The images that a prediction still has to segment, and the report that tells which are done: of a shard what an earlier
/// run of it has left, otherwise all.
/// </summary>
internal sealed class PredictionList
{
    /// <summary>The images between two savings of the report: what a crash can cost.</summary>
    private const int ImagesOfAPart = 16;

    private readonly string? _path;
    private readonly PredictionReport _report;
    private readonly List<(int Number, string Image, ImageOutputs Outputs)> _left;
    private int _unsaved;

    private PredictionList(string? path, PredictionReport report, List<(int Number, string Image, ImageOutputs Outputs)> left, int before)
    {
        _path = path;
        _report = report;
        _left = left;
        Before = before;
    }

    /// <summary>How many images are left.</summary>
    public int Count => _left.Count;

    /// <summary>How many images of the shard were done before.</summary>
    public int Before { get; }

    /// <summary>Decides what is left to be done. Nothing is written yet.</summary>
    /// <param name="shard">The part of the images; null for all of them.</param>
    /// <param name="path">The report; null for none. That of a shard gets the shard into its name.</param>
    /// <param name="weights">The network's file.</param>
    /// <param name="settings">What the masks depend on besides.</param>
    /// <param name="outputs">All images with their files.</param>
    /// <param name="output">Where it is told what is done already.</param>
    /// <exception cref="UsageException">An earlier run of the shard had other images or settings.</exception>
    public static PredictionList Open(
        Shard? shard, string? path, string weights, JsonObject settings, PredictionOutputs outputs, CommandOutput output)
    {
        (int Number, string Image, ImageOutputs Outputs)[] all =
            [.. outputs.Images.Select((entry, number) => (number, entry.Image, entry.Outputs))];
        if (path is not null)
        {
            using FileStream file = RegularFile.OpenRead(weights);
            settings["weights"] = Convert.ToHexStringLower(SHA256.HashData(file));
            path = shard is { } part ? ShardedEvaluation.PathOf(path, part) : path;
            outputs.PlanReport(path);
        }

        var report = new PredictionReport(shard ?? Shard.Whole, settings, [.. all.Select(entry => entry.Image)]);
        if (shard is not { } own)
        {
            return new PredictionList(path, report, [.. all], 0);
        }

        var mine = own.Of(all);
        PredictionReport? earlier = File.Exists(path) ? PredictionReport.Read(path) : null;
        if (earlier is not null && !earlier.IsLike(settings, report.List))
        {
            throw new UsageException(new Problem(
                "--shard",
                $"'{path}', where an earlier run of the shard had other images or options",
                "the same ones, to go on with it",
                "Use the same options, or remove that file to begin anew"));
        }

        var left = new List<(int Number, string Image, ImageOutputs Outputs)>();
        foreach ((int number, string image, ImageOutputs files) in mine)
        {
            if (earlier?.Find(number) is { } done && files.All.All(File.Exists))
            {
                JsonObject entry = done.DeepClone().AsObject();
                entry.Remove("number");
                report.Add(number, entry);
            }
            else
            {
                left.Add((number, image, files));
            }
        }

        int before = mine.Count - left.Count;
        if (before > 0)
        {
            output.Note($"Shard {own}: {before} images are done, {left.Count} are left.");
        }

        return new PredictionList(path, report, left, before);
    }

    /// <summary>The images that are left, each with its number among all.</summary>
    public IEnumerable<(int Number, string Image, ImageOutputs Outputs)> Left() => _left;

    /// <summary>Notes an image whose files are written.</summary>
    public void Add(int number, JsonObject file)
    {
        _report.Add(number, file);
        if (++_unsaved >= ImagesOfAPart && !_report.Shard.IsWhole)
        {
            Save();
        }
    }

    /// <summary>Writes the report at the end.</summary>
    public void Complete()
    {
        _report.IsComplete = true;
        Save();
    }

    private void Save()
    {
        if (_path is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            _report.Save(_path);
            _unsaved = 0;
        }
    }
}
