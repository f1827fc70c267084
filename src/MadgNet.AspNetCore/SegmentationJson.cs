using System.Text.Json;
using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore;

/// <summary>The answer as JSON: places in pixels, areas in pixels and, where the image states its spacing, in square millimetres.</summary>
internal static class SegmentationJson
{
    public static byte[] Write(Segmented segmented)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            Write(json, segmented);
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Segmented segmented)
    {
        Prediction prediction = segmented.Prediction;
        json.WriteStartObject();
        json.WriteNumber("width", prediction.Width);
        json.WriteNumber("height", prediction.Height);
        if (segmented.Image.Spacing is { } spacing)
        {
            json.WriteStartObject("spacing");
            json.WriteNumber("row", spacing.Row);
            json.WriteNumber("column", spacing.Column);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("spacing");
        }

        json.WriteStartArray("labels");
        foreach (int label in segmented.Labels)
        {
            WriteLabel(json, segmented, label);
        }

        json.WriteEndArray();
        json.WriteStartArray("warnings");
        foreach (string warning in segmented.Warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLabel(Utf8JsonWriter json, Segmented segmented, int label)
    {
        IReadOnlyList<Region> regions = segmented.Prediction.Regions(label);
        json.WriteStartObject();
        json.WriteString("label", segmented.Names[label]);
        json.WriteNumber("threshold", segmented.Thresholds[label]);
        WriteArea(json, segmented, regions.Sum(region => (long)region.PixelCount));
        json.WriteStartArray("regions");
        for (int i = 0; i < regions.Count; i++)
        {
            Region region = regions[i];
            var pixels = new PixelRegion(region, segmented.Prediction.Spacing);
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            WriteArea(json, segmented, region.PixelCount);
            json.WriteStartObject("box");
            json.WriteNumber("x", pixels.Box.X);
            json.WriteNumber("y", pixels.Box.Y);
            json.WriteNumber("width", pixels.Box.Width);
            json.WriteNumber("height", pixels.Box.Height);
            json.WriteEndObject();
            json.WriteStartObject("centroid");
            json.WriteNumber("x", pixels.Centroid.X);
            json.WriteNumber("y", pixels.Centroid.Y);
            json.WriteEndObject();
            json.WriteNumber("meanProbability", region.MeanProbability);
            json.WriteStartArray("contours");
            WriteRing(json, pixels.Outer);
            foreach (IReadOnlyList<RegionPoint> hole in pixels.Holes)
            {
                WriteRing(json, hole);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteArea(Utf8JsonWriter json, Segmented segmented, long pixels)
    {
        json.WriteNumber("areaPixels", pixels);
        if (segmented.Image.Spacing is { } spacing)
        {
            json.WriteNumber("areaSquareMillimetres", pixels * spacing.Row * spacing.Column);
        }
        else
        {
            json.WriteNull("areaSquareMillimetres");
        }
    }

    private static void WriteRing(Utf8JsonWriter json, IReadOnlyList<RegionPoint> ring)
    {
        json.WriteStartArray();
        foreach (RegionPoint point in ring)
        {
            json.WriteStartArray();
            json.WriteNumberValue(point.X);
            json.WriteNumberValue(point.Y);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
