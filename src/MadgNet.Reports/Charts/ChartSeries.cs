namespace MadgNet.Reports.Charts;

/// <summary>Points of one kind on a chart, with a name for the legend.</summary>
internal sealed record ChartSeries(string Name, double[] X, double[] Y, string[]? PointNames)
{
    public static ChartSeries Of(string name, IReadOnlyList<double> x, IReadOnlyList<double> y, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count != y.Count || (names is not null && names.Count != x.Count))
        {
            throw new ArgumentException(
                new Problem(
                    $"series '{name}'",
                    $"{x.Count} and {y.Count} values{(names is null ? "" : $" and {names.Count} names")}",
                    "as many of each",
                    "Pass one for every point").ToString(),
                nameof(y));
        }

        return new ChartSeries(name, [.. x], [.. y], names is null ? null : [.. names]);
    }
}
