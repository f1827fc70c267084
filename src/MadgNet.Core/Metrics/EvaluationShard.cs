using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The numbers of a part of a set that several processes evaluate, each for itself. Merged, the parts are the report of one
/// process that evaluated the whole set, to the last bit.
/// </summary>
/// <remarks>
/// A shard may be saved before all of its cases are measured, and gone on with later: <see cref="Evaluator.EvaluateShard"/>. It
/// knows the list that it is a part of, so that parts of different lists, or with other settings, are not merged.
/// </remarks>
public sealed class EvaluationShard
{
    private const string Schema = "madgnet-evaluation-shard";
    private const int Version = 1;

    private readonly byte[] _content;
    private readonly string _settings;
    private readonly string _list;

    private EvaluationShard(
        EvaluationSettings settings, IReadOnlyList<string>? labels, Shard shard, int total, string list, bool isComplete, byte[] content)
    {
        Settings = settings;
        Labels = labels;
        Shard = shard;
        Total = total;
        IsComplete = isComplete;
        _list = list;
        _content = content;
        _settings = Text(json => ReportJson.WriteSettings(json, settings));
        using JsonDocument document = JsonDocument.Parse(content);
        CaseNames = [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(found => found.GetProperty("name").GetString()!)];
    }

    /// <summary>What the numbers depend on besides the maps.</summary>
    public EvaluationSettings Settings { get; }

    /// <summary>The names of the labels; null where nobody named them.</summary>
    public IReadOnlyList<string>? Labels { get; }

    /// <summary>Which part of the list it is.</summary>
    public Shard Shard { get; }

    /// <summary>How many items the whole list has.</summary>
    public int Total { get; }

    /// <summary>Whether the part was gone through to its end.</summary>
    public bool IsComplete { get; }

    /// <summary>The names of the cases that are measured, sorted.</summary>
    public IReadOnlyList<string> CaseNames { get; }

    /// <summary>Reads a shard that <see cref="SaveJson"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The shard, equal in every number.</returns>
    /// <exception cref="EvaluationException">The file is missing, cannot be read, is no shard of a report, is damaged or of a later
    /// version.</exception>
    public static EvaluationShard LoadJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using FileStream stream = ReportJson.Open(path, "shard of an evaluation report");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            JsonElement root = document.RootElement;
            ReportJson.CheckSchema(root, Schema, Version, path);
            JsonElement labels = root.GetProperty("labels");
            string content = Text(json =>
            {
                json.WritePropertyName("accumulated");
                root.GetProperty("accumulated").WriteTo(json);
                json.WritePropertyName("cases");
                root.GetProperty("cases").WriteTo(json);
            });
            var shard = new EvaluationShard(
                ReportJson.ReadSettings(root.GetProperty("settings")),
                labels.ValueKind == JsonValueKind.Null ? null : [.. labels.EnumerateArray().Select(label => label.GetString()!)],
                Shard.TryParse(root.GetProperty("shard").GetString(), out Shard part)
                    ? part
                    : throw new FormatException("its shard is none"),
                root.GetProperty("total").GetInt32(),
                root.GetProperty("list").GetString() ?? throw new FormatException("its list is null"),
                root.GetProperty("complete").GetBoolean(),
                Encoding.UTF8.GetBytes(content));

            // Whatever is damaged in the numbers is to be found here, not when parts are merged.
            shard.AddTo(shard.NewRun());
            return shard;
        }
        catch (Exception exception) when (ReportJson.IsMalformed(exception) || exception is OverflowException)
        {
            throw ReportJson.Damaged(path, "shard of an evaluation report", exception);
        }
    }

    /// <summary>Puts the parts of a set together.</summary>
    /// <param name="shards">All parts, in any order.</param>
    /// <returns>The report of the whole set, as one process would have made it.</returns>
    /// <exception cref="EvaluationException">A part is missing, there twice or not complete, parts are of other lists or have
    /// other settings, or nothing was measured; lists all of it.</exception>
    public static EvaluationReport Merge(IReadOnlyList<EvaluationShard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        if (shards.Count == 0)
        {
            throw new EvaluationException("Merging shards: received none; expected all shards of one evaluation. Name their files.");
        }

        EvaluationShard first = shards[0];
        var problems = new List<string>();
        foreach (EvaluationShard shard in shards)
        {
            if (shard._settings != first._settings || !Same(shard.Labels, first.Labels))
            {
                problems.Add($"shard {shard.Shard} has other settings or labels than shard {first.Shard}");
            }
            else if (shard._list != first._list || shard.Shard.Count != first.Shard.Count)
            {
                problems.Add($"shard {shard.Shard} is of another list than shard {first.Shard} ({shard.Total} and {first.Total} items)");
            }

            if (!shard.IsComplete)
            {
                problems.Add($"shard {shard.Shard} is not complete");
            }
        }

        foreach (int number in Enumerable.Range(1, first.Shard.Count))
        {
            int found = shards.Count(shard => shard.Shard.Number == number);
            if (found != 1)
            {
                problems.Add($"shard {number}/{first.Shard.Count} is {(found == 0 ? "missing" : $"there {found} times")}");
            }
        }

        if (problems.Count > 0)
        {
            throw new EvaluationException(
                $"Merging shards: received {shards.Count} shards of which {string.Join("; ", problems.Distinct())}; expected every shard "
                    + $"of one evaluation once. Evaluate what is missing with the same options.");
        }

        EvaluationRun run = first.NewRun();
        foreach (EvaluationShard shard in shards)
        {
            shard.AddTo(run);
        }

        EvaluationReport report = run.ToReport();
        return new EvaluationReport(first.Settings, report.Labels, report.Cases, report.Totals);
    }

    /// <summary>Writes the shard; every number is kept.</summary>
    /// <param name="path">The file to create or replace; written beside and renamed.</param>
    public void SaveJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, 0, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            using JsonDocument content = JsonDocument.Parse(_content);
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("version", Version);
            json.WriteString("shard", Shard.ToString());
            json.WriteNumber("total", Total);
            json.WriteString("list", _list);
            json.WriteBoolean("complete", IsComplete);
            ReportJson.WriteSettings(json, Settings);
            json.WritePropertyName("labels");
            if (Labels is null)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStartArray();
                foreach (string label in Labels)
                {
                    json.WriteStringValue(label);
                }

                json.WriteEndArray();
            }

            foreach (JsonProperty part in content.RootElement.EnumerateObject())
            {
                part.WriteTo(json);
            }

            json.WriteEndObject();
        });
    }

    internal static EvaluationShard Of(
        EvaluatorOptions options, Shard shard, IReadOnlyList<string> names, bool isComplete, EvaluationRun run) => new(
        new EvaluationSettings(options),
        options.LabelNames,
        shard,
        names.Count,
        ListOf(names),
        isComplete,
        Encoding.UTF8.GetBytes(Text(run.Write)));

    /// <summary>Adds the cases to an evaluation that goes on with them.</summary>
    /// <exception cref="EvaluationException">The shard is of another list or part, or was measured otherwise.</exception>
    internal void Continue(EvaluationRun run, EvaluatorOptions options, Shard shard, IReadOnlyList<string> names)
    {
        if (shard != Shard
            || ListOf(names) != _list
            || Text(json => ReportJson.WriteSettings(json, new EvaluationSettings(options))) != _settings
            || !Same(options.LabelNames, Labels))
        {
            throw new EvaluationException(
                $"Shard {Shard} of {Total} items: received other items or settings than the {CaseNames.Count} cases that are measured "
                    + $"already (now shard {shard} of {names.Count} items). Go on with the same options, or delete the shard's file.");
        }

        AddTo(run);
    }

    private static bool Same(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null || right is null ? left is null && right is null : left.SequenceEqual(right, StringComparer.Ordinal);

    private static string ListOf(IReadOnlyList<string> names) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names))));

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private EvaluationRun NewRun() =>
        new(new EvaluatorOptions { SetName = Settings.SetName, LabelNames = Labels, Metrics = Settings.Metrics }, null);

    private void AddTo(EvaluationRun run)
    {
        using JsonDocument content = JsonDocument.Parse(_content);
        run.Add(content.RootElement);
    }
}
