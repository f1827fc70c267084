namespace MadgNet.Core.Metrics;

/// <summary>
/// Wilcoxon signed-rank test of paired differences against a median of 0, two-sided. Differences of 0 are left out; equal ones
/// share their mean rank.
/// </summary>
/// <remarks>
/// Source: Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1(6), 1945. Up to 50 differences the
/// distribution of the statistic is exact, given the ties; beyond, it is normal with the variance corrected for ties and without
/// a continuity correction.
/// </remarks>
/// <param name="Pairs">Number of differences that are not 0.</param>
/// <param name="PositiveRankSum">W₊, the sum of the ranks of the positive differences.</param>
/// <param name="NegativeRankSum">W₋, the sum of the ranks of the negative differences.</param>
/// <param name="PValue">Two-sided p-value; 1 where no difference is left.</param>
public readonly record struct WilcoxonSignedRank(int Pairs, double PositiveRankSum, double NegativeRankSum, double PValue)
{
    private const int LargestExact = 50;

    /// <summary>
    /// Matched-pairs rank-biserial correlation, <c>(W₊ − W₋) / (W₊ + W₋)</c>: the effect size that belongs to the test, −1..1, 0
    /// where no difference is left (Kerby, Comprehensive Psychology 3, 2014).
    /// </summary>
    public double RankBiserialCorrelation =>
        Pairs == 0 ? 0 : (PositiveRankSum - NegativeRankSum) / (PositiveRankSum + NegativeRankSum);

    /// <summary>Tests differences.</summary>
    /// <param name="differences">The paired differences; finite.</param>
    /// <returns>The test.</returns>
    /// <exception cref="ArgumentException">A difference is not finite.</exception>
    public static WilcoxonSignedRank Test(IReadOnlyList<double> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        if (differences.Any(difference => !double.IsFinite(difference)))
        {
            throw new ArgumentException(
                "Differences: received a value that is NaN or infinite; expected finite values. Leave out the pairs of which one is "
                    + "undefined, and say so.",
                nameof(differences));
        }

        double[] left = [.. differences.Where(difference => difference != 0).OrderBy(Math.Abs)];
        if (left.Length == 0)
        {
            return new WilcoxonSignedRank(0, 0, 0, 1);
        }

        // Twice the rank is a whole number even where ties share one.
        int[] doubledRanks = DoubledRanks(left, out double tieCorrection);
        long positive = left.Zip(doubledRanks).Where(pair => pair.First > 0).Sum(pair => (long)pair.Second);
        long total = doubledRanks.Sum(rank => (long)rank);
        double p = left.Length <= LargestExact
            ? Exact(doubledRanks, Math.Min(positive, total - positive), total)
            : Normal(left.Length, positive / 2.0, tieCorrection);
        return new WilcoxonSignedRank(left.Length, positive / 2.0, (total - positive) / 2.0, p);
    }

    private static int[] DoubledRanks(double[] sorted, out double tieCorrection)
    {
        var ranks = new int[sorted.Length];
        tieCorrection = 0;
        for (int start = 0; start < sorted.Length;)
        {
            int end = start;
            while (end < sorted.Length && Math.Abs(sorted[end]) == Math.Abs(sorted[start]))
            {
                end++;
            }

            // Ranks start + 1 … end share their mean, (start + 1 + end) / 2.
            ranks.AsSpan(start, end - start).Fill(start + 1 + end);
            double ties = end - start;
            tieCorrection += (ties * ties * ties) - ties;
            start = end;
        }

        return ranks;
    }

    private static double Exact(int[] doubledRanks, long smaller, long total)
    {
        // The share of sign patterns that give each sum of positive ranks, rank after rank.
        var shares = new double[total + 1];
        shares[0] = 1;
        long reached = 0;
        foreach (int rank in doubledRanks)
        {
            reached += rank;
            for (long sum = reached; sum >= 0; sum--)
            {
                shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2;
            }
        }

        double tail = 0;
        for (long sum = 0; sum <= smaller; sum++)
        {
            tail += shares[sum];
        }

        return Math.Min(1, 2 * tail);
    }

    private static double Normal(int count, double positive, double tieCorrection)
    {
        double n = count;
        double mean = n * (n + 1) / 4;
        double variance = (n * (n + 1) * ((2 * n) + 1) / 24) - (tieCorrection / 48);
        return 2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, -Math.Abs(positive - mean) / Math.Sqrt(variance));
    }
}
