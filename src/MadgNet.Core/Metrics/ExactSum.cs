using System.Globalization;
using System.Text.Json;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Sums of doubles as integers of 2⁻⁶⁰, which do not depend on the order of their terms: a parallel evaluation gives the bits of
/// a serial one. Terms are below 2⁶⁰ each; a term loses at most 2⁻⁶¹.
/// </summary>
internal static class ExactSum
{
    private const double Unit = 1L << 60;

    internal static Int128 FromDouble(double value) => (Int128)Math.Round(value * Unit);

    internal static double ToDouble(Int128 sum) => (double)sum / Unit;

    /// <summary>Writes sums as texts: a JSON number keeps no 128 bits.</summary>
    internal static void Write(Utf8JsonWriter json, IEnumerable<Int128> sums)
    {
        json.WriteStartArray();
        foreach (Int128 sum in sums)
        {
            json.WriteStringValue(sum.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static Int128[] Read(JsonElement json) =>
        [.. json.EnumerateArray()
            .Select(sum => Int128.Parse(sum.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))];
}
