using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MadgNet.Core.Metrics;

/// <summary>
/// The values of some metrics, as an array over a shared list of them: a report holds thousands of these, where dictionaries
/// would take ten times the memory.
/// </summary>
internal sealed class MetricValues : IReadOnlyDictionary<Metric, double>
{
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly double[] _values;

    private MetricValues(IReadOnlyList<Metric> metrics, double[] values)
    {
        _metrics = metrics;
        _values = values;
    }

    public int Count => _values.Length;

    public IEnumerable<Metric> Keys => _metrics;

    public IEnumerable<double> Values => _values;

    public double this[Metric key] => TryGetValue(key, out double value)
        ? value
        : throw new ArgumentException(
            $"Metric: received {key}; expected one of {string.Join(", ", _metrics)}. Evaluate again with the metric's group and a "
                + $"profile that has it.",
            nameof(key));

    internal static MetricValues Of(IReadOnlyList<Metric> metrics, Func<Metric, double> valueOf) =>
        new(metrics, [.. metrics.Select(valueOf)]);

    public bool ContainsKey(Metric key) => _metrics.Contains(key);

    public bool TryGetValue(Metric key, [MaybeNullWhen(false)] out double value)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (_metrics[i] == key)
            {
                value = _values[i];
                return true;
            }
        }

        value = default;
        return false;
    }

    public IEnumerator<KeyValuePair<Metric, double>> GetEnumerator() =>
        _metrics.Select((metric, i) => KeyValuePair.Create(metric, _values[i])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
