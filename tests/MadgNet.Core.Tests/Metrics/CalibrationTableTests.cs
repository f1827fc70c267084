using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Metrics;

public sealed class CalibrationTableTests
{
    private static readonly float[] Prediction = [0.125f, 0.125f, 0.75f, 1f];
    private static readonly bool[] Truth = [false, true, true, true];

    [Fact]
    public void Errors_follow_their_formulas()
    {
        CalibrationTable table = CalibrationTable.Compute(Prediction, Truth, 2, 2, bins: 2);
        Assert.Equal(((0.125 * 0.125) + (0.875 * 0.875) + (0.25 * 0.25)) / 4, table.BrierScore, 1e-15);
        Assert.Equal((Math.Abs(0.25 - 1) + Math.Abs(1.75 - 2)) / 4, table.ExpectedCalibrationError, 1e-15);
    }

    [Fact]
    public void A_bin_tells_its_mean_probability_and_its_share_of_foreground()
    {
        CalibrationTable table = CalibrationTable.Compute(Prediction, Truth, 2, 2, bins: 2);
        Assert.Equal((2, 0.125, 0.5), table.Bin(0));
        Assert.Equal((2, 0.875, 1.0), table.Bin(1));
    }

    [Fact]
    public void The_sum_of_tables_is_the_table_of_all_pixels()
    {
        CalibrationTable sum = CalibrationTable.Compute(Prediction.AsSpan(0, 2), Truth.AsSpan(0, 2), 1, 2)
            + CalibrationTable.Compute(Prediction.AsSpan(2), Truth.AsSpan(2), 1, 2);
        CalibrationTable whole = CalibrationTable.Compute(Prediction, Truth, 2, 2);
        Assert.Equal((whole.BrierScore, whole.ExpectedCalibrationError), (sum.BrierScore, sum.ExpectedCalibrationError));
    }

    [Fact]
    public void Tables_of_different_bins_cannot_be_added() => Assert.Throws<ArgumentException>(() =>
        CalibrationTable.Compute(Prediction, Truth, 2, 2, 3) + CalibrationTable.Compute(Prediction, Truth, 2, 2, 4));
}
