using System.Text;
using System.Text.Json;

namespace MadgNet.Core.Inference;

/// <summary>Writes regions in the forms that other programs read.</summary>
public static class RegionExport
{
    /// <summary>
    /// GeoJSON (RFC 7946): a FeatureCollection with a Polygon for each region and its numbers as properties. Coordinates are the
    /// regions' own: x to the right, y downwards, as viewers of large images (QuPath, for example) read them.
    /// </summary>
    /// <param name="regions">The regions, possibly none.</param>
    /// <returns>The text.</returns>
    /// <remarks>RFC 7946 wants outer rings anticlockwise with y upwards; with y downwards these are the rings as they are here.</remarks>
    public static string ToGeoJson(IEnumerable<Region> regions)
    {
        ArgumentNullException.ThrowIfNull(regions);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "FeatureCollection");
            writer.WriteStartArray("features");
            foreach (Region region in regions)
            {
                WriteFeature(writer, region);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteFeature(Utf8JsonWriter writer, Region region)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteStartObject("geometry");
        writer.WriteString("type", "Polygon");
        writer.WriteStartArray("coordinates");
        foreach (IReadOnlyList<RegionPoint> contour in (IReadOnlyList<RegionPoint>[])[region.Outer, .. region.Holes])
        {
            writer.WriteStartArray();
            foreach (RegionPoint point in contour.Append(contour[0]))
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(point.X);
                writer.WriteNumberValue(point.Y);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("properties");
        writer.WriteNumber("label", region.Label);
        if (region.LabelName is not null)
        {
            writer.WriteString("labelName", region.LabelName);
        }

        writer.WriteNumber("area", region.Area);
        writer.WriteNumber("perimeter", region.Perimeter);
        writer.WriteNumber("meanProbability", region.MeanProbability);
        writer.WriteStartArray("centroid");
        writer.WriteNumberValue(region.Centroid.X);
        writer.WriteNumberValue(region.Centroid.Y);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
