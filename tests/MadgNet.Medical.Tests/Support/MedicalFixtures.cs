using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace MadgNet.Medical.Tests.Support;

/// <summary>The public files, and what other programs read of them.</summary>
internal static class MedicalFixtures
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    private static readonly Lazy<JsonElement> All = new(() =>
    {
        // The values of one file hold NaN, which is no JSON.
        string text = File.ReadAllText(PathOf("expected.json")).Replace("NaN", "null", StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement;
    });

    public static IEnumerable<string> Names(string kind) =>
        All.Value.EnumerateObject().Where(file => file.Value.GetProperty("kind").GetString() == kind).Select(file => file.Name);

    public static JsonElement Expected(string name) => All.Value.GetProperty(name);

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static double[] Doubles(JsonElement array) =>
        [.. array.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())];

    /// <summary>64 places, evenly spread from the first to the last, as numpy has them.</summary>
    public static double[] Samples(IReadOnlyList<double> values, int count) =>
        [.. Enumerable.Range(0, count).Select(i => values[count == 1 ? 0 : (int)((double)i * (values.Count - 1) / (count - 1))])];

    public static string Sha256(IEnumerable<int> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new byte[4];
        foreach (int value in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
