using System.Text.Json;

namespace MadgNet.Studies;

/// <summary>
/// Reads the fields of one JSON object strictly: what is missing, of another kind or unknown is a problem with the place where it stands.
/// </summary>
internal sealed class JsonFields
{
    private readonly JsonElement _element;
    private readonly string _place;
    private readonly List<Problem> _problems;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public JsonFields(JsonElement element, string place, List<Problem> problems)
    {
        _element = element;
        _place = place;
        _problems = problems;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Add(place, Kind(element), "an object");
        }
    }

    public string Text(string name, string fallback = "", bool required = false) =>
        Find(name, required) is { } value
            ? value.ValueKind == JsonValueKind.String ? value.GetString()! : Wrong(name, value, "a text", fallback)
            : fallback;

    public double? Number(string name, bool required = false) =>
        Find(name, required) is { } value
            ? value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
                ? number
                : Wrong<double?>(name, value, "a number", null)
            : null;

    public long? Integer(string name, bool required = false) =>
        Find(name, required) is { } value
            ? value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number)
                ? number
                : Wrong<long?>(name, value, "a whole number", null)
            : null;

    public int? Small(string name) =>
        Integer(name) is { } number
            ? number is >= int.MinValue and <= int.MaxValue
                ? (int)number
                : Wrong<int?>(name, _element.GetProperty(name), "a smaller number", null)
            : null;

    public bool? Truth(string name) =>
        Find(name, required: false) is { } value
            ? value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean()
                : Wrong<bool?>(name, value, "true or false", null)
            : null;

    /// <summary>An object as its text; null where it is absent.</summary>
    public string? Object(string name, bool required = false) =>
        Find(name, required) is { } value
            ? value.ValueKind == JsonValueKind.Object ? value.GetRawText() : Wrong<string?>(name, value, "an object", null)
            : null;

    /// <summary>The fields of an object; null where it is absent.</summary>
    public JsonFields? Inner(string name, bool required = false) =>
        Find(name, required) is { } value ? new JsonFields(value, Place(name), _problems) : null;

    /// <summary>The items of a list with their places; null where it is absent.</summary>
    public IReadOnlyList<(JsonElement Item, string Place)>? List(string name, bool required = false) =>
        Find(name, required) is { } value
            ? value.ValueKind == JsonValueKind.Array
                ? [.. value.EnumerateArray().Select((item, index) => (item, $"{Place(name)}[{index}]"))]
                : Wrong<IReadOnlyList<(JsonElement, string)>?>(name, value, "a list", null)
            : null;

    public IReadOnlyList<string>? Texts(string name, bool required = false) => Items(
        name, "a text", required, item => item.ValueKind == JsonValueKind.String ? item.GetString() : null);

    public IReadOnlyList<long>? Integers(string name, bool required = false) => Items<long?>(
        name,
        "a whole number",
        required,
        item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number) ? number : null)
        ?.Select(number => number!.Value).ToArray();

    /// <summary>Reports every field that nobody asked for.</summary>
    public void RefuseOthers()
    {
        if (_element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty property in _element.EnumerateObject().Where(property => !_known.Contains(property.Name)))
        {
            _problems.Add(new Problem(
                Place(property.Name),
                "a field that there is not",
                $"one of {string.Join(", ", _known.Order(StringComparer.Ordinal))}",
                "Correct its name, or take it away"));
        }
    }

    private T[]? Items<T>(string name, string expected, bool required, Func<JsonElement, T?> read)
    {
        if (List(name, required) is not { } items)
        {
            return null;
        }

        var values = new List<T>();
        foreach ((JsonElement item, string place) in items)
        {
            if (read(item) is { } value)
            {
                values.Add(value);
            }
            else
            {
                Add(place, Kind(item), expected);
            }
        }

        return [.. values];
    }

    private JsonElement? Find(string name, bool required)
    {
        _known.Add(name);
        if (_element.ValueKind == JsonValueKind.Object
            && _element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (required && _element.ValueKind == JsonValueKind.Object)
        {
            Add(Place(name), "nothing", "a value");
        }

        return null;
    }

    private T Wrong<T>(string name, JsonElement value, string expected, T fallback)
    {
        Add(Place(name), Kind(value), expected);
        return fallback;
    }

    private string Place(string name) => _place.Length == 0 ? name : $"{_place}.{name}";

    private void Add(string place, string received, string expected) => _problems.Add(new Problem(
        place.Length == 0 ? "the document" : place, received, expected, "Mend it; docs/guides/studies.md shows a whole study"));

    private static string Kind(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..57]}…";
    }
}
