using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Metrics;

public sealed class PermutationTestTests
{
    [Fact]
    public void Darwins_maize_gives_Fishers_p_value()
    {
        // Fisher, "The Design of Experiments", 1935, section 21: 863 of 32768 patterns reach the sum of 314 in one direction.
        PermutationTest test = PermutationTest.Test([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]);
        Assert.Equal(2 * 863.0 / 32768, test.PValue, 1e-15);
        Assert.True(test.IsExact);
    }

    [Fact]
    public void Random_patterns_come_near_the_exact_p_value()
    {
        double[] differences = [.. Enumerable.Range(1, 17).Select(i => i % 4 == 0 ? -i : (double)i)];
        PermutationTest test = PermutationTest.Test(differences, 20_000);
        Assert.False(test.IsExact);

        // All 2^17 patterns of the same differences, counted here; the standard error of 20,000 patterns is below 0.003.
        int hits = Enumerable.Range(0, 1 << 17).Count(pattern =>
            Math.Abs(differences.Select((value, i) => (pattern >> i & 1) == 0 ? Math.Abs(value) : -Math.Abs(value))
                .Sum()) >= Math.Abs(differences.Sum()));
        Assert.Equal(hits / (double)(1 << 17), test.PValue, 0.01);
    }

    [Fact]
    public void Equal_models_cannot_be_told_apart() => Assert.Equal(1, PermutationTest.Test(new double[30]).PValue);

    [Fact]
    public void Too_few_patterns_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PermutationTest.Test([1.0], 10));
}
