using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Numbers;

/// <summary>Numbers that the public test suites of SciPy and statsmodels expect of statistics. Each has its source.</summary>
public sealed class StatisticNumbersTests
{
    /// <summary>statsmodels, statsmodels/stats/tests/test_multi.py: raw p-values and those of Holm, from R's multtest.</summary>
    public static TheoryData<double[], double[]> Holm => new()
    {
        // res_multtest1
        {
            [
                5.2365677720800003e-05, 2.8140506198000000e-04, 1.4987731079600001e-02, 2.0273268879800001e-02, 1.7709695272300000e-01,
                6.4219392379499995e-01, 6.8084594763299999e-01, 7.1626938238000004e-01, 8.3854136755300002e-01, 9.6783382430900000e-01,
            ],
            [5.2365677720800005e-04, 2.5326455578199999e-03, 1.1990184863680001e-01, 1.4191288215860001e-01, 1, 1, 1, 1, 1, 1]
        },

        // res_multtest2
        { [0.002, 0.004, 0.006, 0.008, 0.01, 0.012], [0.012, 0.02, 0.024, 0.024, 0.024, 0.024] },

        // res_multtest3
        {
            [0.001, 0.002, 0.003, 0.004, 0.005, 0.05, 0.06, 0.07, 0.08, 0.09],
            [0.01, 0.018, 0.024, 0.028, 0.03, 0.25, 0.25, 0.25, 0.25, 0.25]
        },

        // res0_large
        {
            [
                0.00031612, 0.0003965, 0.00048442, 0.00051932, 0.00101436, 0.00121506, 0.0014516, 0.00265684, 0.00430043, 0.01743686,
                0.02080285, 0.02785414, 0.0327198, 0.03494679, 0.04206808, 0.08067095, 0.23882767, 0.28352304, 0.36140401, 0.43565145,
                0.44866768, 0.45368782, 0.48282088, 0.49223781, 0.55451638, 0.6207473, 0.71847853, 0.72424145, 0.85950263, 0.89032747,
            ],
            [
                0.0094836, 0.0114985, 0.01356376, 0.01402164, 0.02637336, 0.0303765, 0.0348384, 0.06110732, 0.09460946, 0.36617406,
                0.416057, 0.52922866, 0.5889564, 0.59409543, 0.67308928, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Holm))]
    public void Statsmodels_Holm(double[] values, double[] expected) =>
        Assert.Equal(expected, HolmCorrection.Adjust(values), (a, b) => Math.Abs(a - b) < 1e-14);

    [Fact]
    public void Scipy_Wilcoxon_of_twelve_pairs()
    {
        // scipy, scipy/stats/tests/test_morestats.py, test_accuracy_wilcoxon, from R's wilcox.test: T = 34, and p = 0.6948866 by the
        // normal approximation without and 0.7240817 with its correction. Ours is exact here, which lies near the corrected one.
        double[] x = [120, 114, 181, 188, 180, 146, 121, 191, 132, 113, 127, 112];
        double[] y = [133, 143, 119, 189, 112, 199, 198, 113, 115, 121, 142, 187];
        WilcoxonSignedRank test = WilcoxonSignedRank.Test([.. x.Zip(y, (a, b) => a - b)]);
        Assert.Equal(34, Math.Min(test.PositiveRankSum, test.NegativeRankSum));
        Assert.Equal(0.7240817, test.PValue, 0.02);
    }

    [Fact]
    public void Scipy_Wilcoxon_with_ties_and_zeros()
    {
        // The same test: zero_method 'wilcox', T = 327, and p = 0.00641346115861 by the normal approximation; ours is exact.
        int[] counts = [1, 4, 16, 15, 8, 4, 5, 1, 2];
        WilcoxonSignedRank test = WilcoxonSignedRank.Test([.. counts.SelectMany((count, i) => Enumerable.Repeat(i - 4.0, count))]);
        Assert.Equal(327, Math.Min(test.PositiveRankSum, test.NegativeRankSum));
        Assert.Equal(0.00641346115861, test.PValue, 1e-3);
    }
}
