namespace MadgNet.Core.Metrics;

/// <summary>
/// Holm's step-down correction of several p-values: the chance of any false rejection among them stays below the level (Holm,
/// "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979).
/// </summary>
public static class HolmCorrection
{
    /// <summary>Adjusts p-values.</summary>
    /// <param name="pValues">The p-values, 0..1; NaN stands for a test that could not be made and does not count.</param>
    /// <returns>The adjusted p-values in the same order.</returns>
    /// <exception cref="ArgumentException">A p-value is below 0 or above 1.</exception>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        if (pValues.Any(p => p < 0 || p > 1))
        {
            throw new ArgumentException(
                "p-values: received one below 0 or above 1; expected 0 to 1. Pass the tests' p-values.", nameof(pValues));
        }

        var adjusted = new double[pValues.Count];
        Array.Fill(adjusted, double.NaN);
        int[] order = [.. Enumerable.Range(0, pValues.Count).Where(i => !double.IsNaN(pValues[i])).OrderBy(i => pValues[i])];
        double largest = 0;
        for (int step = 0; step < order.Length; step++)
        {
            largest = Math.Max(largest, Math.Min(1, (order.Length - step) * pValues[order[step]]));
            adjusted[order[step]] = largest;
        }

        return adjusted;
    }
}
