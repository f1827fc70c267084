using System.Runtime.InteropServices;
using System.Text.Json;

namespace MadgNet.Core.Tests.Support;

/// <summary>One case of <c>metrics.safetensors</c> and its values in <c>metrics.json</c>.</summary>
internal sealed class GoldenMetrics
{
    private static readonly Lazy<JsonDocument> Values = new(() => JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("metrics.json"))));
    private static readonly Lazy<Dictionary<string, GoldenMetrics>> All = new(ReadAll);

    private readonly JsonElement _values;

    private GoldenMetrics(float[] prediction, bool[] truth, int height, int width, JsonElement values)
    {
        Prediction = prediction;
        Truth = truth;
        Height = height;
        Width = width;
        _values = values;
    }

    public static IReadOnlyCollection<string> Names => [.. Values.Value.RootElement.EnumerateObject().Select(entry => entry.Name)];

    public float[] Prediction { get; }

    public bool[] Truth { get; }

    public int Height { get; }

    public int Width { get; }

    public bool[] Binary => [.. Prediction.Select(probability => probability >= 0.5f)];

    public static GoldenMetrics Open(string name) => All.Value[name];

    /// <summary>A value below the case's entry; NaN where it is null.</summary>
    public double this[params string[] path]
    {
        get
        {
            JsonElement element = path.Aggregate(_values, (parent, key) => parent.GetProperty(key));
            return element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();
        }
    }

    private static Dictionary<string, GoldenMetrics> ReadAll()
    {
        using Fixture fixture = Fixture.Open("metrics");
        return Names.ToDictionary(name => name, name => new GoldenMetrics(
            fixture[name + ".prediction"].data<float>().ToArray(),
            MemoryMarshal.Cast<byte, bool>(fixture[name + ".truth"].bytes).ToArray(),
            (int)fixture[name + ".truth"].size(0),
            (int)fixture[name + ".truth"].size(1),
            Values.Value.RootElement.GetProperty(name)));
    }
}
