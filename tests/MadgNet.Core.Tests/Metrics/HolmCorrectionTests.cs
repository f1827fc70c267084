using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Metrics;

public sealed class HolmCorrectionTests
{
    [Fact]
    public void The_steps_follow_Holms_procedure()
    {
        // 4·0.005, 3·0.01, 2·0.03, and 0.04 raised to its predecessor, as R's p.adjust(method = "holm") gives.
        IReadOnlyList<double> adjusted = HolmCorrection.Adjust([0.01, 0.04, 0.03, 0.005]);
        Assert.Equal([0.03, 0.06, 0.06, 0.02], adjusted, (a, b) => Math.Abs(a - b) < 1e-15);
    }

    [Fact]
    public void A_test_that_could_not_be_made_does_not_count() =>
        Assert.Equal([0.02, double.NaN, 0.04], HolmCorrection.Adjust([0.01, double.NaN, 0.04]));

    [Fact]
    public void Adjusted_values_stop_at_one() => Assert.Equal([1, 1], HolmCorrection.Adjust([0.9, 0.8]));

    [Fact]
    public void Values_that_are_no_probabilities_are_refused() => Assert.Throws<ArgumentException>(() => HolmCorrection.Adjust([1.5]));
}
