using System.Text.Json;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The thresholds that were best on a validation set, one for each label, with the name of that set: an evaluation of the same
/// set refuses them.
/// </summary>
public sealed class ThresholdSelection
{
    private const string Schema = "madgnet-thresholds";
    private const int Version = 1;

    internal ThresholdSelection(string setName, Metric metric, IReadOnlyList<double> thresholds, IReadOnlyList<double> scores)
    {
        SetName = setName;
        Metric = metric;
        Thresholds = thresholds;
        Scores = scores;
    }

    /// <summary>Name of the validation set.</summary>
    public string SetName { get; }

    /// <summary>The metric whose mean over the cases was the largest: Dice or intersection over union.</summary>
    public Metric Metric { get; }

    /// <summary>The threshold of every label.</summary>
    public IReadOnlyList<double> Thresholds { get; }

    /// <summary>The metric's mean over the validation cases at the threshold of every label.</summary>
    public IReadOnlyList<double> Scores { get; }

    /// <summary>Writes the selection in the versioned schema <c>madgnet-thresholds/1</c>.</summary>
    /// <param name="path">The file to create or replace; written beside and renamed.</param>
    public void SaveJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, 0, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("version", Version);
            json.WriteString("setName", SetName);
            json.WriteString("metric", Metric.ToString());
            json.WriteStartArray("labels");
            for (int label = 0; label < Thresholds.Count; label++)
            {
                json.WriteStartObject();
                json.WriteNumber("threshold", Thresholds[label]);
                json.WriteNumber("score", Scores[label]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>Reads a selection that <see cref="SaveJson"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The selection.</returns>
    /// <exception cref="EvaluationException">The file is missing, cannot be read, is no selection, is damaged or of a later
    /// version.</exception>
    public static ThresholdSelection LoadJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using FileStream stream = ReportJson.Open(path, "selection of thresholds");
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            JsonElement root = document.RootElement;
            ReportJson.CheckSchema(root, Schema, Version, path);
            JsonElement[] labels = [.. root.GetProperty("labels").EnumerateArray()];
            double[] thresholds = [.. labels.Select(label => label.GetProperty("threshold").GetDouble())];
            if (thresholds.Length == 0 || thresholds.Any(threshold => !(threshold >= 0 && threshold <= 1)))
            {
                throw new FormatException("it needs a threshold from 0 to 1 for each label");
            }

            return new ThresholdSelection(
                root.GetProperty("setName").GetString() ?? throw new FormatException("the set's name is null"),
                Metric.Find(root.GetProperty("metric").GetString() ?? "")
                    ?? throw new FormatException($"'{root.GetProperty("metric")}' is no metric"),
                thresholds,
                [.. labels.Select(label => label.GetProperty("score").GetDouble())]);
        }
        catch (Exception exception) when (ReportJson.IsMalformed(exception))
        {
            throw ReportJson.Damaged(path, "selection of thresholds", exception);
        }
    }
}
