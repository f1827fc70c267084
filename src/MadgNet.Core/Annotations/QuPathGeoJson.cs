using System.Text.Json;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>GeoJSON of QuPath: features with an <c>objectType</c> and a <c>classification</c>.</summary>
internal static class QuPathGeoJson
{
    public static bool Recognizes(JsonElement root) => root.ValueKind == JsonValueKind.Array
        ? root.GetArrayLength() > 0 && root[0].Text("type") == "Feature"
        : root.Text("type") is "FeatureCollection" or "Feature";

    public static AnnotatedImage Read(JsonElement root, AnnotationSink sink, string name)
    {
        IEnumerable<JsonElement> features = root.ValueKind == JsonValueKind.Array
            ? root.EnumerateArray()
            : root.Text("type") == "Feature" ? [root] : root.Items("features");
        foreach ((JsonElement feature, int index) in features.Select((feature, i) => (feature, i)))
        {
            ReadFeature(feature, sink, $"feature {AnnotationSink.Number(index)}");
        }

        return new AnnotatedImage(name, 0, 0, sink.Take());
    }

    public static void Write(Utf8JsonWriter json, AnnotatedImage image, string objectType)
    {
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (AnnotatedObject drawn in image.Objects)
        {
            AnnotationPolygon[] polygons = [.. Outlines.Of(drawn)];
            if (polygons.Length > 0)
            {
                WriteFeature(json, drawn, polygons, objectType);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFeature(Utf8JsonWriter json, AnnotatedObject drawn, AnnotationPolygon[] polygons, string objectType)
    {
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteStartObject("geometry");
        json.WriteString("type", polygons.Length == 1 ? "Polygon" : "MultiPolygon");
        json.WriteStartArray("coordinates");
        foreach (AnnotationPolygon polygon in polygons)
        {
            if (polygons.Length > 1)
            {
                json.WriteStartArray();
            }

            foreach ((IReadOnlyList<RegionPoint> ring, int index) in polygon.Rings.Select((ring, i) => (ring, i)))
            {
                WriteRing(json, Outlines.Directed(ring, clockwise: index == 0));
            }

            if (polygons.Length > 1)
            {
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("objectType", objectType);
        json.WriteStartObject("classification");
        json.WriteString("name", drawn.Label);
        json.WriteEndObject();
        json.WriteBoolean("isLocked", false);
        if (drawn.Score is { } score)
        {
            json.WriteStartObject("measurements");
            json.WriteNumber("score", score);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRing(Utf8JsonWriter json, IEnumerable<RegionPoint> ring)
    {
        RegionPoint[] points = [.. ring];
        json.WriteStartArray();
        foreach (RegionPoint point in points.Append(points[0]))
        {
            json.WriteStartArray();
            json.WriteNumberValue(point.X);
            json.WriteNumberValue(point.Y);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void ReadFeature(JsonElement feature, AnnotationSink sink, string where)
    {
        JsonElement properties = feature.Member("properties") ?? default;
        string? label = properties.Member("classification") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { } classification => classification.Text("name")
                ?? (classification.Member("names") is { ValueKind: JsonValueKind.Array } names
                    ? string.Join(": ", names.EnumerateArray().Select(part => part.ToString()))
                    : null),
            null => null,
        };
        double? score = properties.Member("measurements") switch
        {
            { ValueKind: JsonValueKind.Object } measurements => measurements.Number("score"),
            { ValueKind: JsonValueKind.Array } list =>
                list.EnumerateArray().FirstOrDefault(entry => entry.Text("name") == "score").Number("value"),
            _ => null,
        };
        if (feature.Member("geometry") is not { } geometry)
        {
            sink.LeaveOut(where, "a feature without a geometry", "Remove it, or draw it again");
            return;
        }

        string kind = geometry.Text("type") ?? "";
        IEnumerable<JsonElement> parts = kind switch
        {
            "Polygon" => geometry.Member("coordinates") is { } rings ? [rings] : [],
            "MultiPolygon" => geometry.Items("coordinates"),
            _ => [],
        };
        if (kind is not ("Polygon" or "MultiPolygon"))
        {
            sink.LeaveOut(where, $"a geometry of the type '{kind}'", "Draw an area");
            return;
        }

        sink.Add(where, label, parts.Select(rings => ReadPolygon(rings, sink, where)), score is >= 0 and <= 1 ? score : null);
    }

    private static AnnotationPolygon ReadPolygon(JsonElement rings, AnnotationSink sink, string where)
    {
        var read = new List<List<RegionPoint>>();
        foreach (JsonElement ring in rings.ValueKind == JsonValueKind.Array ? rings.EnumerateArray() : [])
        {
            read.Add((ring.Points() ?? throw sink.Broken(where, "a ring that is no list of places", "[[x, y], …]")).Open());
        }

        return read.Count == 0 ? throw sink.Broken(where, "a polygon without rings", "at least one ring") : new(read[0], [.. read.Skip(1)]);
    }
}
