using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MadgNet.Studies.Cells;

/// <summary>Cells in the schema <c>madgnet-study-cell</c>, version 1. Values are kept to six decimals, so that a cell stays
/// small.</summary>
internal static class CellJson
{
    private const string Schema = "madgnet-study-cell";
    private const int Version = 1;
    private const int Decimals = 6;

    public static byte[] Write(StudyCell cell)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("version", Version);
            json.WriteString("study", cell.Study);
            json.WriteString("variant", cell.Key.Variant);
            json.WriteNumber("seed", cell.Key.Seed);
            json.WriteString("fingerprint", cell.Fingerprint);
            json.WriteString("data", cell.Data);
            json.WriteString("status", cell.Status == CellStatus.Done ? "done" : "failed");
            if (cell.Error is { } error)
            {
                json.WriteString("error", error);
            }

            if (cell.Status == CellStatus.Done)
            {
                WriteResult(json, cell);
            }

            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    public static StudyCell Read(string json, string path)
    {
        var problems = new List<Problem>();
        using JsonDocument document = StudyJson.Parse(json, path);
        var root = new JsonFields(document.RootElement, "", problems);
        StudyJson.CheckSchema(root, Schema, Version, problems);
        string status = root.Text("status", required: true);
        if (status is not ("done" or "failed" or ""))
        {
            problems.Add(new Problem("status", $"'{status}'", "done or failed", "Run the cell again"));
        }

        var cell = new StudyCell
        {
            Study = root.Text("study", required: true),
            Key = new StudyCellKey(root.Text("variant", required: true), root.Integer("seed", required: true) ?? 0),
            Fingerprint = root.Text("fingerprint", required: true),
            Data = root.Text("data", required: true),
            Status = status == "failed" ? CellStatus.Failed : CellStatus.Done,
            Error = root.Text("error") is { Length: > 0 } error ? error : null,
        };
        if (cell.Status == CellStatus.Done)
        {
            cell = cell with
            {
                Parameters = root.Integer("parameters", required: true) ?? 0,
                Gigaflops = root.Number("gigaflops", required: true) ?? 0,
                TrainingImages = root.Small("trainingImages") ?? 0,
                Steps = root.Integer("steps", required: true) ?? 0,
                Size = root.Small("size") ?? 0,
                Curve = root.Inner("curve", required: true) is { } curve ? ReadCurve(curve) : null,
                Sets = [.. (root.List("sets", required: true) ?? []).Select(item => ReadSet(item.Item, item.Place, problems))],
                Attention = [.. (root.List("attention") ?? []).Select(item => ReadAttention(item.Item, item.Place, problems))],
                Cost = root.Inner("cost", required: true) is { } cost ? ReadCost(cost) : null,
            };
        }

        root.RefuseOthers();
        StudyException.ThrowIfAny(path, problems);
        return cell;
    }

    private static void WriteResult(Utf8JsonWriter json, StudyCell cell)
    {
        json.WriteNumber("parameters", cell.Parameters);
        WriteNumber(json, "gigaflops", cell.Gigaflops);
        json.WriteNumber("trainingImages", cell.TrainingImages);
        json.WriteNumber("steps", cell.Steps);
        json.WriteNumber("size", cell.Size);
        json.WriteStartObject("curve");
        WriteRow(json, "steps", cell.Curve!.Steps.Select(step => (double)step));
        WriteRow(json, "loss", cell.Curve.Loss);
        WriteRow(json, "validationSteps", cell.Curve.ValidationSteps.Select(step => (double)step));
        WriteRow(json, "validationDice", cell.Curve.ValidationDice);
        json.WriteEndObject();
        json.WriteStartArray("sets");
        foreach (CellSet set in cell.Sets)
        {
            json.WriteStartObject();
            json.WriteString("name", set.Name);
            json.WriteBoolean("seen", set.Seen);
            WriteRow(json, "cases", set.Cases);
            json.WriteStartObject("values");
            foreach ((string metric, IReadOnlyList<double> values) in set.Values)
            {
                WriteRow(json, metric, values);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("attention");
        foreach (CellAttention attention in cell.Attention)
        {
            WriteAttention(json, attention);
        }

        json.WriteEndArray();
        CellCost cost = cell.Cost!;
        json.WriteStartObject("cost");
        WriteNumber(json, "secondsPerStep", cost.SecondsPerStep);
        WriteNumber(json, "millisecondsPerImage", cost.MillisecondsPerImage);
        json.WriteNumber("peakMemoryBytes", cost.PeakMemoryBytes);
        json.WriteNumber("threads", cost.Threads);
        json.WriteString("processor", cost.Processor);
        json.WriteEndObject();
    }

    private static void WriteAttention(Utf8JsonWriter json, CellAttention attention)
    {
        json.WriteStartObject();
        json.WriteString("path", attention.Path);
        if (attention.Alpha is { } alpha && attention.Beta is { } beta)
        {
            WriteNumber(json, "alpha", alpha);
            WriteNumber(json, "beta", beta);
        }

        WriteNumber(json, "mean", attention.Mean);
        WriteNumber(json, "deviation", attention.Deviation);
        WriteNumber(json, "saturated", attention.Saturated);
        if (attention.Frequencies.Count > 0)
        {
            WriteRow(json, "frequencies", attention.Frequencies);
            WriteRow(json, "frequencyShares", attention.FrequencyShares);
        }

        json.WriteEndObject();
    }

    private static CellCurve ReadCurve(JsonFields fields)
    {
        var curve = new CellCurve(
            fields.Integers("steps", required: true) ?? [],
            Numbers(fields, "loss"),
            fields.Integers("validationSteps", required: true) ?? [],
            Numbers(fields, "validationDice"));
        fields.RefuseOthers();
        return curve;
    }

    private static CellSet ReadSet(JsonElement item, string place, List<Problem> problems)
    {
        var fields = new JsonFields(item, place, problems);
        string name = fields.Text("name", required: true);
        IReadOnlyList<string> cases = fields.Texts("cases", required: true) ?? [];
        var values = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal);
        if (fields.Object("values", required: true) is { } text)
        {
            using JsonDocument document = JsonDocument.Parse(text);
            var metrics = new JsonFields(document.RootElement, $"{place}.values", problems);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                IReadOnlyList<double> row = Numbers(metrics, property.Name);
                values[property.Name] = row;
                if (row.Count != cases.Count)
                {
                    problems.Add(new Problem(
                        $"{place}.values.{property.Name}", $"{row.Count} values", $"{cases.Count}, one a case", "Run the cell again"));
                }
            }
        }

        var set = new CellSet(name, fields.Truth("seen") ?? false, cases, values);
        fields.RefuseOthers();
        return set;
    }

    private static CellAttention ReadAttention(JsonElement item, string place, List<Problem> problems)
    {
        var fields = new JsonFields(item, place, problems);
        var attention = new CellAttention
        {
            Path = fields.Text("path", required: true),
            Alpha = fields.Number("alpha"),
            Beta = fields.Number("beta"),
            Mean = fields.Number("mean") ?? double.NaN,
            Deviation = fields.Number("deviation") ?? double.NaN,
            Saturated = fields.Number("saturated") ?? double.NaN,
            Frequencies = fields.Texts("frequencies") ?? [],
            FrequencyShares = fields.List("frequencyShares") is null ? [] : Numbers(fields, "frequencyShares"),
        };
        fields.RefuseOthers();
        return attention;
    }

    private static CellCost ReadCost(JsonFields fields)
    {
        var cost = new CellCost(
            fields.Number("secondsPerStep") ?? double.NaN,
            fields.Number("millisecondsPerImage") ?? double.NaN,
            fields.Integer("peakMemoryBytes") ?? 0,
            fields.Small("threads") ?? 0,
            fields.Text("processor"));
        fields.RefuseOthers();
        return cost;
    }

    /// <summary>A row of numbers, in which null stands for one that is not defined.</summary>
    private static double[] Numbers(JsonFields fields, string name) =>
        [.. (fields.List(name, required: true) ?? []).Select(item => item.Item.ValueKind == JsonValueKind.Number
            ? item.Item.GetDouble()
            : double.NaN)];

    private static void WriteRow(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        // One line a row: a cell of hundreds of cases stays readable.
        json.WritePropertyName(name);
        json.WriteRawValue($"[{string.Join(", ", values.Select(Text))}]", skipInputValidation: true);
    }

    private static void WriteRow(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(
            $"[{string.Join(", ", values.Select(value => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)}\""))}]",
            skipInputValidation: true);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Text(value), skipInputValidation: true);
    }

    private static string Text(double value) => double.IsFinite(value) ? Checks.Text(Math.Round(value, Decimals)) : "null";
}
