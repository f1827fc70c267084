using System.Globalization;

namespace MadgNet.Distributed.Worker;

/// <summary>What a worker is told: key=value.</summary>
internal sealed class Settings(IEnumerable<string> pairs)
{
    private readonly Dictionary<string, string> _values = pairs
        .Select(pair => pair.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public double Number(string name, double otherwise) =>
        Text(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public int Count(string name, int otherwise) => (int)Number(name, otherwise);

    public Settings With(string name, string value) =>
        new(_values.Where(pair => pair.Key != name).Select(pair => $"{pair.Key}={pair.Value}").Append($"{name}={value}"));
}
