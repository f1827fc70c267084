using System.Text.Json;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;

namespace MadgNet.Core.Tests.Training.Optimization;

public class CosineAnnealingScheduleTests
{
    [Fact]
    public void Rates_equal_those_of_PyTorch()
    {
        // index.json: torch.optim.lr_scheduler.CosineAnnealingLR, which multiplies step by step; the closed form differs by rounding.
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("index.json")));
        JsonElement expected = index.RootElement.GetProperty("cosine_annealing_lr");
        int epochs = expected.GetProperty("t_max").GetInt32();
        var schedule = new CosineAnnealingSchedule(expected.GetProperty("lr0").GetDouble(), expected.GetProperty("eta_min").GetDouble());
        int epoch = 0;
        foreach (JsonElement value in expected.GetProperty("values").EnumerateArray())
        {
            Assert.Equal(value.GetDouble(), schedule.Start().RateAt(new TrainingPosition(epoch, epochs, epoch++, epochs, 1)), 1e-16);
        }

        Assert.Equal(epochs, epoch);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(double.PositiveInfinity, 0)]
    [InlineData(1e-4, -1e-6)]
    [InlineData(1e-4, 1e-3)]
    [InlineData(1e-4, double.NaN)]
    public void Rates_out_of_range_are_refused(double initial, double minimum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CosineAnnealingSchedule(initial, minimum));
}
