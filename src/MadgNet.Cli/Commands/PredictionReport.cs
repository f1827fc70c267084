using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MadgNet.Cli.Commands;

/// <summary>
/// What <c>predict</c> has written, as a file: every image with its masks. Of one shard of the images, or of all; shards that are
/// put together are the report of one process, to the byte.
/// </summary>
internal sealed class PredictionReport
{
    public const string Schema = "madgnet-predictions";
    private const int Version = 1;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    private readonly SortedDictionary<int, JsonObject> _files = [];

    /// <summary>Begins a report.</summary>
    /// <param name="shard">The part of the images.</param>
    /// <param name="settings">What the masks depend on.</param>
    /// <param name="images">All images, in their order.</param>
    public PredictionReport(Shard shard, JsonObject settings, IReadOnlyList<string> images)
        : this(shard, settings, images.Count, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', images)))))
    {
    }

    private PredictionReport(Shard shard, JsonObject settings, int total, string list)
    {
        Shard = shard;
        Settings = settings;
        Total = total;
        List = list;
    }

    public Shard Shard { get; }

    public JsonObject Settings { get; }

    /// <summary>How many images there are in all shards.</summary>
    public int Total { get; }

    public string List { get; }

    /// <summary>Whether all images of the shard were gone through.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether a file is one of this kind.</summary>
    public static bool IsOne(string path)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(path, RegularFile.LargestText);
            using JsonDocument document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("schema", out JsonElement schema)
                && schema.ValueKind == JsonValueKind.String
                && schema.GetString() == Schema;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception);
        }
    }

    /// <summary>Reads a report.</summary>
    /// <exception cref="MadgNetException">It is none, or damaged.</exception>
    public static PredictionReport Read(string path)
    {
        try
        {
            JsonObject root = JsonNode.Parse(RegularFile.ReadAllText(path))!.AsObject();
            if ((string?)root["schema"] != Schema || (int?)root["version"] != Version)
            {
                throw new FormatException($"its schema is '{root["schema"]}' version {root["version"]}");
            }

            Shard shard = Shard.Whole;
            if (root["shard"] is { } part && !Shard.TryParse((string?)part, out shard))
            {
                throw new FormatException($"its shard is '{part}'");
            }

            var report = new PredictionReport(
                shard, root["settings"]!.DeepClone().AsObject(), (int)root["total"]!, (string)root["list"]!)
            {
                IsComplete = (bool?)root["complete"] ?? true,
            };
            foreach (JsonNode? file in root["files"]!.AsArray())
            {
                report._files.Add((int)file!["number"]!, file.DeepClone().AsObject());
            }

            return report;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, exception);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException
            or NullReferenceException or ArgumentException or OverflowException)
        {
            throw new MadgNetException(
                new Problem(
                    path,
                    "a file that is no report of predictions or is damaged "
                        + $"({(exception is NullReferenceException ? "a value is missing" : exception.Message.TrimEnd('.'))})",
                    $"'{Schema}' version {Version}",
                    "Predict again, or name the right file").ToString(),
                exception);
        }
    }

    private static MadgNetException Unreadable(string path, Exception exception) => new(
        new Problem(
            path, $"what cannot be read ({exception.Message.TrimEnd('.')})", "the report of a shard", "Check the path and the permissions")
            .ToString(),
        exception);

    /// <summary>Puts the shards of one prediction together.</summary>
    /// <exception cref="MadgNetException">One is missing, there twice or not complete, or of other images or settings.</exception>
    public static PredictionReport Merge(IReadOnlyList<PredictionReport> shards)
    {
        PredictionReport first = shards[0];
        var problems = new List<string>();
        foreach (PredictionReport shard in shards)
        {
            if (!shard.IsLike(first.Settings, first.List) || shard.Shard.Count != first.Shard.Count)
            {
                problems.Add($"shard {shard.Shard} is of other images or settings than shard {first.Shard}");
            }

            if (!shard.IsComplete)
            {
                problems.Add($"shard {shard.Shard} is not complete");
            }
        }

        problems.AddRange(Enumerable.Range(1, first.Shard.Count)
            .Select(number => (Number: number, Found: shards.Count(shard => shard.Shard.Number == number)))
            .Where(entry => entry.Found != 1)
            .Select(entry => $"shard {entry.Number}/{first.Shard.Count} is {(entry.Found == 0 ? "missing" : $"there {entry.Found} times")}"));
        if (problems.Count > 0)
        {
            throw new MadgNetException(new Problem(
                "merge",
                string.Join("; ", problems.Distinct()),
                "every shard of one prediction once",
                "Predict what is missing with the same options").ToString());
        }

        var merged = new PredictionReport(Shard.Whole, first.Settings.DeepClone().AsObject(), first.Total, first.List)
        {
            IsComplete = true,
        };
        foreach ((int number, JsonObject file) in shards.SelectMany(shard => shard._files))
        {
            merged._files.Add(number, file.DeepClone().AsObject());
        }

        return merged;
    }

    /// <summary>Whether the report is of the same images and settings.</summary>
    public bool IsLike(JsonObject settings, string list) => List == list && JsonNode.DeepEquals(Settings, settings);

    /// <summary>What is known of an image; null where it was not segmented.</summary>
    public JsonObject? Find(int number) => _files.GetValueOrDefault(number);

    /// <summary>Adds an image.</summary>
    /// <param name="number">Its place among all images, from 0.</param>
    /// <param name="file">What became of it.</param>
    public void Add(int number, JsonObject file)
    {
        JsonObject entry = file.DeepClone().AsObject();
        entry.Insert(0, "number", number);
        _files[number] = entry;
    }

    /// <summary>Writes the report, beside its name first.</summary>
    public void Save(string path)
    {
        var root = new JsonObject { ["schema"] = Schema, ["version"] = Version };
        if (!Shard.IsWhole)
        {
            root["shard"] = Shard.ToString();
            root["complete"] = IsComplete;
        }

        root["total"] = Total;
        root["list"] = List;
        root["settings"] = Settings.DeepClone();
        root["files"] = new JsonArray([.. _files.Values.Select(file => file.DeepClone())]);
        byte[] text = Encoding.UTF8.GetBytes(root.ToJsonString(Format) + "\n");
        AtomicFile.Write(path, text.Length, stream => stream.Write(text));
    }
}
