using System.Text.Json;

namespace MadgNet.Core.Metrics;

/// <summary>Reports in the schema <c>madgnet-evaluation</c>, written and read by hand so that both need no reflection.</summary>
internal static partial class ReportJson
{
    private const string Schema = "madgnet-evaluation";
    private const int Version = 1;

    internal static void Write(EvaluationReport report, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteNumber("version", Version);
        WriteSettings(json, report.Settings);
        WriteStrings(json, "labels", report.Labels);
        WriteStrings(json, "metrics", report.Metrics.Select(metric => metric.ToString()));
        json.WriteStartArray("totals");
        foreach (LabelTotals totals in report.Totals)
        {
            json.WriteStartObject();
            WriteCounts(json, totals.Counts, totals.Components);
            WriteOptional(json, "brierScore", totals.BrierScore);
            WriteOptional(json, "expectedCalibrationError", totals.ExpectedCalibrationError);
            WriteCurve(json, "fMeasureCurve", totals.FMeasureCurve);
            WriteCurve(json, "enhancedAlignmentCurve", totals.EnhancedAlignmentCurve);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("cases");
        foreach (CaseResult result in report.Cases)
        {
            WriteCase(json, report.Metrics, result);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static EvaluationReport Read(Stream stream, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(stream);
            JsonElement root = document.RootElement;
            CheckSchema(root, Schema, Version, path);
            EvaluationSettings settings = ReadSettings(root.GetProperty("settings"));
            string[] labels = ReadStrings(root.GetProperty("labels"));
            IReadOnlyList<Metric> metrics = settings.Metrics.Metrics;
            string[] stored = ReadStrings(root.GetProperty("metrics"));
            if (!stored.SequenceEqual(metrics.Select(metric => metric.ToString())))
            {
                throw new FormatException($"its metrics are {string.Join(", ", stored)}, its settings mean {string.Join(", ", metrics)}");
            }

            LabelTotals[] totals = [.. root.GetProperty("totals").EnumerateArray().Select(ReadTotals)];
            CaseResult[] cases = [.. root.GetProperty("cases")
                .EnumerateArray()
                .Select(element => ReadCase(element, metrics, labels.Length))];
            if (totals.Length != labels.Length || cases.Length == 0)
            {
                throw new FormatException($"it holds {totals.Length} totals for {labels.Length} labels, and {cases.Length} cases");
            }

            return new EvaluationReport(settings, labels, cases, totals);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Damaged(path, "evaluation report", exception);
        }
    }

    internal static void CheckSchema(JsonElement root, string schema, int version, string path)
    {
        string? foundSchema = root.GetProperty("schema").GetString();
        int foundVersion = root.GetProperty("version").GetInt32();
        if (foundSchema != schema || foundVersion != version)
        {
            throw new EvaluationException(
                $"{path}: received the schema '{foundSchema}' version {foundVersion}; expected '{schema}' version {version}. Read the "
                    + $"file with the version of the library that wrote it.");
        }
    }

    internal static bool IsMalformed(Exception exception) =>
        exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException;

    /// <summary>Opens a file that the library wrote.</summary>
    /// <exception cref="EvaluationException">It is missing, no regular file, or may not be read.</exception>
    internal static FileStream Open(string path, string what)
    {
        try
        {
            return RegularFile.OpenRead(path, RegularFile.LargestText);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            string received = exception is FileNotFoundException or DirectoryNotFoundException
                ? "no such file"
                : $"a file that cannot be read ({exception.Message.TrimEnd('.')})";
            throw new EvaluationException(
                $"{path}: received {received}; expected a {what}. Check the path and the permissions.", exception);
        }
    }

    internal static EvaluationException Damaged(string path, string what, Exception exception) =>
        new($"{path}: received a file that is no {what} or is damaged ({exception.Message}); expected one that this library wrote. "
            + $"Write it again.", exception);

    internal static void WriteCase(Utf8JsonWriter json, IReadOnlyList<Metric> metrics, CaseResult result)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Name);
        json.WriteString("group", result.Group);
        json.WriteNumber("height", result.Height);
        json.WriteNumber("width", result.Width);
        json.WriteStartArray("labels");
        foreach (LabelResult label in result.Labels)
        {
            json.WriteStartObject();
            WriteCounts(json, label.Counts, label.Components);
            json.WriteStartObject("values");
            foreach (Metric metric in metrics)
            {
                WriteOptional(json, metric.ToString(), label.Values[metric]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static CaseResult ReadCase(JsonElement json, IReadOnlyList<Metric> metrics, int labels)
    {
        LabelResult[] results = [.. json.GetProperty("labels").EnumerateArray().Select(label =>
        {
            (ConfusionCounts counts, ComponentCounts? components) = ReadCounts(label);
            JsonElement values = label.GetProperty("values");
            return new LabelResult(
                counts, components, MetricValues.Of(metrics, metric => ReadOptional(values, metric.ToString()) ?? double.NaN));
        })];
        return results.Length == labels
            ? new CaseResult(
                Text(json, "name"),
                json.GetProperty("group").GetString(),
                json.GetProperty("height").GetInt32(),
                json.GetProperty("width").GetInt32(),
                results)
            : throw new FormatException($"case '{Text(json, "name")}' has {results.Length} labels instead of {labels}");
    }

    private static LabelTotals ReadTotals(JsonElement json)
    {
        (ConfusionCounts counts, ComponentCounts? components) = ReadCounts(json);
        return new LabelTotals(
            counts,
            components,
            ReadOptional(json, "brierScore"),
            ReadOptional(json, "expectedCalibrationError"),
            ReadCurve(json.GetProperty("fMeasureCurve")),
            ReadCurve(json.GetProperty("enhancedAlignmentCurve")));
    }

    internal static void WriteCounts(Utf8JsonWriter json, ConfusionCounts counts, ComponentCounts? components)
    {
        WriteNumbers(json, "confusion", [counts.TruePositives, counts.FalsePositives, counts.FalseNegatives, counts.TrueNegatives]);
        if (components is { } found)
        {
            WriteNumbers(json, "components", [found.TruePositives, found.FalsePositives, found.FalseNegatives]);
        }
        else
        {
            json.WriteNull("components");
        }
    }

    internal static (ConfusionCounts Counts, ComponentCounts? Components) ReadCounts(JsonElement json)
    {
        long[] counts = [.. json.GetProperty("confusion").EnumerateArray().Select(count => count.GetInt64())];
        JsonElement stored = json.GetProperty("components");
        long[]? components = stored.ValueKind == JsonValueKind.Null ? null : [.. stored.EnumerateArray().Select(count => count.GetInt64())];
        return counts.Length == 4 && components is null or { Length: 3 }
            ? (new ConfusionCounts(counts[0], counts[1], counts[2], counts[3]),
                components is null ? null : new ComponentCounts(components[0], components[1], components[2]))
            : throw new FormatException("a table of counts is not complete");
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static string[] ReadStrings(JsonElement json) =>
        [.. json.EnumerateArray().Select(element => element.GetString() ?? throw new FormatException("a name is null"))];

    private static void WriteNumbers(Utf8JsonWriter json, string name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteCurve(Utf8JsonWriter json, string name, IReadOnlyList<double>? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (double value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static double[]? ReadCurve(JsonElement json) =>
        json.ValueKind == JsonValueKind.Null ? null : [.. json.EnumerateArray().Select(value => value.GetDouble())];

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && !double.IsNaN(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static double? ReadOptional(JsonElement json, string name)
    {
        JsonElement value = json.GetProperty(name);
        return value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
    }

    /// <summary>A value by its name, and by nothing else: a number would pass for a value that there is not.</summary>
    internal static T Enumeration<T>(string text)
        where T : struct, Enum =>
        Enum.TryParse(text, out T value) && Enum.GetName(value) == text
            ? value
            : throw new FormatException($"'{text}' is no {typeof(T).Name}");

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");
}
