using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Percentile bootstrap of a mean (Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13): resamples cases or
/// whole groups with replacement.
/// </summary>
internal static class Bootstrap
{
    /// <summary>The interval of the mean.</summary>
    /// <param name="values">One value a case.</param>
    /// <param name="groups">The group of each case, or null for a case of its own.</param>
    /// <param name="options">How to resample.</param>
    internal static ConfidenceInterval OfMean(IReadOnlyList<double> values, IReadOnlyList<string?> groups, BootstrapOptions options)
    {
        if (values.Count == 0)
        {
            return new ConfidenceInterval(double.NaN, double.NaN, options.Level);
        }

        (double Sum, int Count)[] units = options.ByGroup
            ? [.. values.Zip(groups)
                .Select((pair, index) => (Key: pair.Second is null ? (object)index : pair.Second, Value: pair.First))
                .GroupBy(pair => pair.Key)
                .Select(group => (group.Sum(pair => pair.Value), group.Count()))]
            : [.. values.Select(value => (value, 1))];
        var random = new Xoshiro256StarStar(options.Seed, threadSafe: false);
        var means = new double[options.Resamples];
        for (int resample = 0; resample < means.Length; resample++)
        {
            double sum = 0;
            int count = 0;
            for (int draw = 0; draw < units.Length; draw++)
            {
                (double unitSum, int unitCount) = units[random.Next(units.Length)];
                sum += unitSum;
                count += unitCount;
            }

            means[resample] = sum / count;
        }

        double tail = (1 - options.Level) / 2;
        return new ConfidenceInterval(
            means.QuantileCustom(tail, QuantileDefinition.R7), means.QuantileCustom(1 - tail, QuantileDefinition.R7), options.Level);
    }
}
