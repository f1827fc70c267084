using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>The state dicts of the published networks, in <c>Fixtures/state_dict_*.json</c>.</summary>
internal static class PublishedState
{
    /// <summary>
    /// Asserts that a state dict has the names, shapes and types of a published one, no more and no fewer, save for what
    /// this library leaves out on purpose: the classifiers of the backbones and the DCT constants.
    /// </summary>
    public static void AssertEqual(string file, Dictionary<string, Tensor> state)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf(file)));
        string[] expected = [.. document.RootElement.EnumerateObject()
            .Where(entry => !entry.Name.StartsWith("fc.", StringComparison.Ordinal)
                && !entry.Name.Contains("dct_weight", StringComparison.Ordinal))
            .Select(entry => Describe(entry.Name, entry.Value))
            .Order(StringComparer.Ordinal)];
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected,
            state.Select(entry => $"{entry.Key} {Name(entry.Value.dtype)} [{string.Join(", ", entry.Value.shape)}]")
                .Order(StringComparer.Ordinal));
    }

    private static string Describe(string name, JsonElement entry)
    {
        // The backbones' files hold shapes alone; there the type follows from the name.
        List<JsonElement> parts = [.. entry.EnumerateArray()];
        bool typed = parts.Count > 0 && parts[0].ValueKind == JsonValueKind.String;
        string type = typed
            ? parts[0].GetString()!
            : name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? "int64" : "float32";
        return $"{name} {type} [{string.Join(", ", parts.Skip(typed ? 1 : 0).Select(size => size.GetInt64()))}]";
    }

    private static string Name(ScalarType type) => type switch
    {
        ScalarType.Float32 => "float32",
        ScalarType.Int64 => "int64",
        _ => type.ToString(),
    };
}
