using System.Globalization;
using System.Text.Json;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Training.Recipes;

/// <summary>Single values in a recipe's JSON.</summary>
internal static class RecipeScalars
{
    /// <summary>Whether a type is one value in JSON.</summary>
    public static bool IsScalar(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(Metric);

    /// <summary>The value; null where JSON holds none of the type.</summary>
    public static object? Read(Type type, JsonElement json, RecipeParts parts)
    {
        string? text = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        if (json.ValueKind == JsonValueKind.Number)
        {
            return type == typeof(int) && json.TryGetInt32(out int whole) ? whole
                : type == typeof(long) && json.TryGetInt64(out long large) ? large
                : type == typeof(double) && json.TryGetDouble(out double real) && double.IsFinite(real) ? real
                : type == typeof(float) && json.TryGetSingle(out float single) && float.IsFinite(single) ? single
                : null;
        }

        return type == typeof(bool) && json.ValueKind is JsonValueKind.True or JsonValueKind.False && type == typeof(bool)
            ? json.GetBoolean()
            : type == typeof(string) ? text
            : type.IsEnum && text is not null && Enum.GetNames(type).Contains(text, StringComparer.Ordinal) ? Enum.Parse(type, text)
            : type == typeof(TimeSpan) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan time) ? time
            : type == typeof(Metric) ? parts.Metrics.FirstOrDefault(metric => metric.Name == text)
            : null;
    }

    /// <summary>What would have been accepted.</summary>
    public static string Expected(Type type, RecipeParts parts)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"\"{name}\""))
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(double) || type == typeof(float) ? "a number"
            : type == typeof(string) ? "a text"
            : type == typeof(TimeSpan) ? "a time as \"00:05:00\""
            : type == typeof(Metric) ? $"a metric: {string.Join(", ", parts.Metrics.Select(metric => metric.Name))}"
            : RecipeMembers.EntryOf(type) is not null ? "a list"
            : "an object";
    }
}
