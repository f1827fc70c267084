using System.Text.Json;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <content>What the numbers of a report depend on.</content>
internal static partial class ReportJson
{
    private const string StretchedName = "stretchedMaps";
    private const string PercentilesName = "hausdorffPercentiles";
    private const string EmptyTruthsName = "emptyTruths";
    private const string TolerancesName = "surfaceTolerances";

    internal static void WriteSettings(Utf8JsonWriter json, EvaluationSettings settings)
    {
        json.WriteStartObject("settings");
        json.WriteString("setName", settings.SetName);
        json.WriteString("modelName", settings.ModelName);
        json.WriteString("libraryVersion", settings.LibraryVersion);
        json.WriteString("profile", settings.Metrics.Profile.ToString());
        json.WriteNumber("groups", (int)settings.Metrics.Groups);
        json.WriteNumber("threshold", settings.Metrics.Threshold);
        json.WriteString("thresholdSource", settings.ThresholdSource);
        WriteCurve(json, "labelThresholds", settings.LabelThresholds);
        json.WriteNumber("surfaceTolerance", settings.Metrics.SurfaceTolerance);
        WriteCurve(json, "spacing", [settings.Metrics.Spacing.Row, settings.Metrics.Spacing.Column]);
        json.WriteNumber("calibrationBins", settings.Metrics.CalibrationBins);
        json.WriteNumber("componentOverlap", settings.Metrics.ComponentOverlap);
        json.WriteString("connectivity", settings.Metrics.Connectivity.ToString());
        json.WriteStartArray("customMetrics");
        foreach (CustomMetric metric in settings.Metrics.Custom)
        {
            json.WriteStartObject();
            json.WriteString("name", metric.Name);
            json.WriteBoolean("lowerIsBetter", metric.IsLowerBetter);
            json.WriteString("definition", metric.Definition);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteCurve(json, "networkSize", settings.NetworkSize is { } size ? [size.Height, size.Width] : null);
        WriteChoices(json, settings);
        json.WriteEndObject();
    }

    internal static EvaluationSettings ReadSettings(JsonElement json)
    {
        double[] spacing = ReadCurve(json.GetProperty("spacing")) ?? [];
        double[]? size = ReadCurve(json.GetProperty("networkSize"));
        if (spacing.Length != 2 || size is not (null or { Length: 2 }))
        {
            throw new FormatException("a size is not complete");
        }

        var settings = new EvaluationSettings
        {
            SetName = Text(json, "setName"),
            ModelName = json.GetProperty("modelName").GetString(),
            LibraryVersion = Text(json, "libraryVersion"),
            ThresholdSource = json.GetProperty("thresholdSource").GetString(),
            LabelThresholds = ReadCurve(json.GetProperty("labelThresholds")),
            EmptyTruths = json.TryGetProperty(EmptyTruthsName, out JsonElement rule)
                ? Enumeration<EmptyTruths>(rule.GetString() ?? "")
                : EmptyTruths.Scored,
            SurfaceTolerances = Optional(TolerancesName),
            NetworkSize = size is null ? null : ((int)size[0], (int)size[1]),
            Metrics = new MetricOptions
            {
                Profile = Enumeration<MetricProfile>(Text(json, "profile")),
                StretchMaps = json.TryGetProperty(StretchedName, out JsonElement stretched) && stretched.GetBoolean(),
                HausdorffPercentiles = Optional(PercentilesName) ?? [],
                Groups = (MetricGroups)json.GetProperty("groups").GetInt32(),
                Threshold = json.GetProperty("threshold").GetDouble(),
                SurfaceTolerance = json.GetProperty("surfaceTolerance").GetDouble(),
                Spacing = new PixelSpacing(spacing[0], spacing[1]),
                CalibrationBins = json.GetProperty("calibrationBins").GetInt32(),
                ComponentOverlap = json.GetProperty("componentOverlap").GetDouble(),
                Connectivity = Enumeration<ComponentConnectivity>(Text(json, "connectivity")),
                Custom = [.. json.GetProperty("customMetrics").EnumerateArray().Select(metric => new StoredMetric(
                    Text(metric, "name"), metric.GetProperty("lowerIsBetter").GetBoolean(), Text(metric, "definition")))],
            },
        };
        return settings.Metrics.Validate() is [var problem, ..] ? throw new FormatException(problem.ToString()) : settings;

        double[]? Optional(string name) => json.TryGetProperty(name, out JsonElement found) ? ReadCurve(found) : null;
    }

    /// <summary>Choices that came later, where they are made: reports without them stay what they were, and are read as before.</summary>
    private static void WriteChoices(Utf8JsonWriter json, EvaluationSettings settings)
    {
        if (settings.Metrics.StretchMaps)
        {
            json.WriteBoolean(StretchedName, true);
        }

        if (settings.Metrics.HausdorffPercentiles.Count > 0)
        {
            WriteCurve(json, PercentilesName, settings.Metrics.HausdorffPercentiles);
        }

        if (settings.EmptyTruths != EmptyTruths.Scored)
        {
            json.WriteString(EmptyTruthsName, settings.EmptyTruths.ToString());
        }

        if (settings.SurfaceTolerances is { } tolerances)
        {
            WriteCurve(json, TolerancesName, tolerances);
        }
    }
}
