using System.Text.Json;
using System.Text.Json.Nodes;

namespace MadgNet.Studies;

/// <summary>Changes of JSON objects by the rules of RFC 7396, and their canonical form.</summary>
internal static class MergePatch
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>An object with changes: what they name takes the place of its own, null takes it away.</summary>
    /// <exception cref="JsonException">A text is no JSON object.</exception>
    public static string Apply(string target, string patch) => Apply(Parse(target), Parse(patch)).ToJsonString();

    /// <summary>One object.</summary>
    /// <exception cref="JsonException">The text is no JSON object.</exception>
    public static JsonObject Parse(string json) => JsonNode.Parse(json, documentOptions: Strict) is JsonObject parsed
        ? parsed
        : throw new JsonException("it is no object");

    /// <summary>The same text for every object of the same content: properties in the order of their names, nothing between.</summary>
    public static string Canonical(JsonNode? node) => Sorted(node)?.ToJsonString() ?? "null";

    private static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = (JsonObject)target.DeepClone();
        foreach ((string name, JsonNode? value) in patch)
        {
            switch (value)
            {
                case null:
                    result.Remove(name);
                    break;
                case JsonObject inner:
                    result[name] = Apply(result[name] as JsonObject ?? [], inner);
                    break;
                default:
                    result[name] = value.DeepClone();
                    break;
            }
        }

        return result;
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
