using System.Text.Json;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>Reading JSON that somebody else wrote.</summary>
internal static class JsonParts
{
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement found)
            && found.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? found
            : null;

    /// <summary>A text, or a number as text.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    public static double? Number(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number
            && number.TryGetDouble(out double value)
            && double.IsFinite(value)
            ? value
            : null;

    public static int? Whole(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>A list of numbers; null where it is no list or holds something else.</summary>
    public static double[]? Numbers(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var numbers = new List<double>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetDouble(out double value) || !double.IsFinite(value))
            {
                return null;
            }

            numbers.Add(value);
        }

        return [.. numbers];
    }

    /// <summary>A list of pairs [x, y], more numbers in a pair ignored; null where it is something else.</summary>
    public static List<RegionPoint>? Points(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var points = new List<RegionPoint>();
        foreach (JsonElement item in element.EnumerateArray())
        {
            if (item.Numbers() is not [double x, double y, ..])
            {
                return null;
            }

            points.Add(new RegionPoint(x, y));
        }

        return points;
    }

    /// <summary>A ring without its first place at the end.</summary>
    public static List<RegionPoint> Open(this List<RegionPoint> ring)
    {
        if (ring.Count > 1 && ring[0] == ring[^1])
        {
            ring.RemoveAt(ring.Count - 1);
        }

        return ring;
    }
}
