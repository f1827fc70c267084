using CsCheck;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Metrics;

public sealed class WilcoxonSignedRankTests
{
    /// <summary>Darwin's cross- and self-fertilised maize, in eighths of an inch: Fisher, "The Design of Experiments", 1935,
    /// table 3.</summary>
    private static readonly double[] Darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

    [Fact]
    public void Darwins_maize_gives_the_published_statistic_and_p_value()
    {
        // SciPy's documentation of scipy.stats.wilcoxon: statistic 24.0, p-value 0.041259765625.
        WilcoxonSignedRank test = WilcoxonSignedRank.Test(Darwin);
        Assert.Equal((15, 96.0, 24.0), (test.Pairs, test.PositiveRankSum, test.NegativeRankSum));
        Assert.Equal(0.041259765625, test.PValue, 1e-15);
    }

    [Fact]
    public void Hollander_and_Wolfes_depression_data_give_the_published_p_value()
    {
        // Hollander, Wolfe, "Nonparametric Statistical Methods", 1973, table 3.1: T+ = 5 for after minus before, one-sided 0.019531.
        double[] before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        double[] after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        WilcoxonSignedRank test = WilcoxonSignedRank.Test([.. after.Zip(before, (a, b) => a - b)]);
        Assert.Equal(5, test.PositiveRankSum);
        Assert.Equal(2 * 0.01953125, test.PValue, 1e-15);
    }

    [Fact]
    public void The_p_value_with_ties_equals_the_count_of_all_sign_patterns() =>
        Gen.Int[-4, 4].Array[1, 10].Sample(values =>
        {
            double[] differences = [.. values.Select(value => (double)value)];
            WilcoxonSignedRank test = WilcoxonSignedRank.Test(differences);
            double[] magnitudes = [.. differences.Where(value => value != 0).Select(Math.Abs)];
            if (magnitudes.Length == 0)
            {
                Assert.Equal(1, test.PValue);
                return;
            }

            double[] ranks = [.. magnitudes.Select(value => magnitudes.Count(other => other < value)
                + ((magnitudes.Count(other => other == value) + 1) / 2.0))];
            double smaller = Math.Min(test.PositiveRankSum, test.NegativeRankSum);
            int hits = Enumerable.Range(0, 1 << ranks.Length)
                .Count(pattern => ranks.Where((_, i) => (pattern >> i & 1) == 1).Sum() <= smaller);
            Assert.Equal(Math.Min(1, 2.0 * hits / (1 << ranks.Length)), test.PValue, 1e-12);
        }, iter: 200);

    [Fact]
    public void The_normal_approximation_is_near_the_exact_distribution()
    {
        // 50 and 51 differences lie on either side of the switch; the added one is smallest and shifts W by ranks alone.
        double[] differences = [.. Enumerable.Range(1, 50).Select(i => i % 3 == 0 ? -i : (double)i)];
        double exact = WilcoxonSignedRank.Test(differences).PValue;
        double approximate = WilcoxonSignedRank.Test([.. differences, 0.5]).PValue;
        Assert.Equal(exact, approximate, 2e-3);
    }

    [Fact]
    public void The_rank_biserial_correlation_follows_the_rank_sums() =>
        Assert.Equal((96 - 24) / 120.0, WilcoxonSignedRank.Test(Darwin).RankBiserialCorrelation, 1e-15);

    [Fact]
    public void Differences_that_are_not_finite_are_refused() =>
        Assert.Throws<ArgumentException>(() => WilcoxonSignedRank.Test([1, double.NaN]));
}
