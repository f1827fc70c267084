using MadgNet.Studies.Statistics;
using MadgNet.Studies.Tests.Support;

namespace MadgNet.Studies.Tests.Statistics;

public sealed class SeedMeanTests
{
    [Fact]
    public void The_interval_is_Students()
    {
        // 1, 2, 3: mean 2, standard error 1/√3, t of two degrees of freedom 4.302652729911.
        SeedMean mean = SeedMean.Of([1, 2, 3]);
        Assert.Equal(3, mean.Count);
        Assert.Equal(1, mean.Deviation, 12);
        Assert.Equal(2 - (4.302652729911 / Math.Sqrt(3)), mean.Interval.Lower, 9);
        Assert.Equal(2 + (4.302652729911 / Math.Sqrt(3)), mean.Interval.Upper, 9);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void It_holds_the_truth_in_95_of_100_studies(int seeds)
    {
        var normal = new Normal(seeds);
        int held = 0;
        for (int study = 0; study < 4000; study++)
        {
            SeedMean mean = SeedMean.Of(normal.Next(seeds).Select(value => value + 5));
            held += mean.Interval.Lower <= 5 && mean.Interval.Upper >= 5 ? 1 : 0;
        }

        Assert.InRange(held / 4000.0, 0.94, 0.96);
    }

    [Fact]
    public void Values_that_are_none_are_left_out()
    {
        SeedMean one = SeedMean.Of([double.NaN, 4]);
        Assert.Equal((1, 4.0), (one.Count, one.Mean));
        Assert.True(double.IsNaN(one.Interval.Lower));
        Assert.True(double.IsNaN(SeedMean.Of([]).Mean));
    }
}
