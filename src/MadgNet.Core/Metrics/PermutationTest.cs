using MathNet.Numerics.Random;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Permutation test of paired differences against a mean of 0, two-sided: how often random signs give a sum at least as far from
/// 0 (Fisher, "The Design of Experiments", 1935, section 21).
/// </summary>
/// <param name="PValue">Two-sided p-value.</param>
/// <param name="IsExact">Whether all patterns of signs were counted; otherwise they were drawn at random.</param>
internal readonly record struct PermutationTest(double PValue, bool IsExact)
{
    private const int LargestExact = 16;

    // Patterns whose sums are equal but for rounding count as equal.
    private const double Slack = 1e-12;

    /// <summary>Tests differences: exactly up to 16 of them, otherwise with random signs.</summary>
    /// <param name="differences">The paired differences; finite.</param>
    /// <param name="permutations">Number of random patterns, at least 100.</param>
    /// <param name="seed">Seed of the random patterns.</param>
    /// <returns>The test; with random patterns the p-value is <c>(hits + 1) / (patterns + 1)</c> and never 0.</returns>
    /// <exception cref="ArgumentException">A difference is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 100 patterns.</exception>
    public static PermutationTest Test(IReadOnlyList<double> differences, int permutations = 10_000, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (permutations < 100)
        {
            throw new ArgumentOutOfRangeException(
                nameof(permutations), $"permutations: received {permutations}; expected at least 100. Use 10000.");
        }

        if (differences.Any(difference => !double.IsFinite(difference)))
        {
            throw new ArgumentException(
                "Differences: received a value that is NaN or infinite; expected finite values. Leave out the pairs of which one is "
                    + "undefined, and say so.",
                nameof(differences));
        }

        double[] magnitudes = [.. differences.Where(difference => difference != 0).Select(Math.Abs)];
        double observed = Math.Abs(differences.Sum()) * (1 - Slack);
        return magnitudes.Length <= LargestExact ? Exact(magnitudes, observed) : Random(magnitudes, observed, permutations, seed);
    }

    private static PermutationTest Exact(double[] magnitudes, double observed)
    {
        int patterns = 1 << magnitudes.Length;
        int hits = 0;
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            double sum = 0;
            for (int i = 0; i < magnitudes.Length; i++)
            {
                sum += (pattern >> i & 1) == 0 ? magnitudes[i] : -magnitudes[i];
            }

            hits += Math.Abs(sum) >= observed ? 1 : 0;
        }

        return new PermutationTest((double)hits / patterns, true);
    }

    private static PermutationTest Random(double[] magnitudes, double observed, int permutations, int seed)
    {
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        var bytes = new byte[magnitudes.Length];
        int hits = 0;
        for (int permutation = 0; permutation < permutations; permutation++)
        {
            random.NextBytes(bytes);
            double sum = 0;
            for (int i = 0; i < magnitudes.Length; i++)
            {
                sum += (bytes[i] & 1) == 0 ? magnitudes[i] : -magnitudes[i];
            }

            hits += Math.Abs(sum) >= observed ? 1 : 0;
        }

        return new PermutationTest((hits + 1.0) / (permutations + 1.0), false);
    }
}
