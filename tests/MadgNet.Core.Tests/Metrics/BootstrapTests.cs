using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Metrics;

public sealed class BootstrapTests
{
    private const int Simulations = 400;

    [Fact]
    public void The_interval_covers_the_true_mean_about_as_often_as_it_promises()
    {
        // Squares of uniform numbers are skewed like Dice values; their mean is 1/3. Of 400 intervals at 95 %, the share that
        // covers has a standard error of 1.1 %; the percentile interval of 50 skewed values is known to cover a little less.
        double coverage = Coverage(options: new BootstrapOptions { Resamples = 400 }, groups: 50, perGroup: 1);
        Assert.InRange(coverage, 0.91, 0.98);
    }

    [Fact]
    public void Drawing_groups_covers_where_drawing_cases_does_not()
    {
        double byCase = Coverage(new BootstrapOptions { Resamples = 400 }, groups: 40, perGroup: 5);
        double byGroup = Coverage(new BootstrapOptions { Resamples = 400, ByGroup = true }, groups: 40, perGroup: 5);
        Assert.InRange(byGroup, 0.90, 0.98);
        Assert.InRange(byCase, 0.2, 0.8);
    }

    [Fact]
    public void A_case_without_a_group_is_a_group_of_its_own()
    {
        double[] values = [0.1, 0.5, 0.9, 0.3];
        ConfidenceInterval byCase = Bootstrap.OfMean(values, new string?[4], new BootstrapOptions());
        ConfidenceInterval byGroup = Bootstrap.OfMean(values, new string?[4], new BootstrapOptions { ByGroup = true });
        Assert.Equal(byCase, byGroup);
    }

    [Fact]
    public void The_interval_of_one_value_is_that_value()
    {
        ConfidenceInterval interval = Bootstrap.OfMean([0.7], [null], new BootstrapOptions());
        Assert.Equal((0.7, 0.7), (interval.Lower, interval.Upper));
    }

    [Fact]
    public void Options_out_of_range_are_listed() =>
        Assert.Equal(2, new BootstrapOptions { Resamples = 1, Level = 1 }.Validate().Count);

    private static double Coverage(BootstrapOptions options, int groups, int perGroup)
    {
        var random = new Random(11);
        int covered = 0;
        for (int simulation = 0; simulation < Simulations; simulation++)
        {
            var values = new List<double>();
            var names = new List<string?>();
            for (int group = 0; group < groups; group++)
            {
                // Cases of a group are the same, the strongest dependence there is.
                double uniform = random.NextDouble();
                for (int i = 0; i < perGroup; i++)
                {
                    values.Add(uniform * uniform);
                    names.Add($"{group}");
                }
            }

            ConfidenceInterval interval = Bootstrap.OfMean(values, names, options with { Seed = simulation });
            covered += interval.Lower <= 1.0 / 3 && interval.Upper >= 1.0 / 3 ? 1 : 0;
        }

        return (double)covered / Simulations;
    }
}
