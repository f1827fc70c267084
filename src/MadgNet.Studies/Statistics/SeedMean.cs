using MadgNet.Core.Metrics;
using MathNet.Numerics.Distributions;

namespace MadgNet.Studies.Statistics;

/// <summary>The mean of a value over seeds, with Student's interval: what other seeds would give on the same cases.</summary>
/// <param name="Count">How many seeds gave a value.</param>
/// <param name="Mean">Their mean; NaN without any.</param>
/// <param name="Deviation">Their standard deviation; NaN with fewer than two.</param>
/// <param name="Interval">The interval of 95 % of the mean; NaN with fewer than two.</param>
public readonly record struct SeedMean(int Count, double Mean, double Deviation, ConfidenceInterval Interval)
{
    private const double Level = 0.95;

    /// <summary>Sums up values, one a seed.</summary>
    /// <param name="values">The values; those that are NaN are left out.</param>
    /// <returns>The mean with its interval.</returns>
    public static SeedMean Of(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] defined = [.. values.Where(value => !double.IsNaN(value))];
        double mean = defined.Length == 0 ? double.NaN : defined.Average();
        if (defined.Length < 2)
        {
            return new SeedMean(defined.Length, mean, double.NaN, new ConfidenceInterval(double.NaN, double.NaN, Level));
        }

        double deviation = Math.Sqrt(defined.Sum(value => (value - mean) * (value - mean)) / (defined.Length - 1));
        double reach = StudentT.InvCDF(0, 1, defined.Length - 1, 1 - ((1 - Level) / 2)) * deviation / Math.Sqrt(defined.Length);
        return new SeedMean(defined.Length, mean, deviation, new ConfidenceInterval(mean - reach, mean + reach, Level));
    }
}
