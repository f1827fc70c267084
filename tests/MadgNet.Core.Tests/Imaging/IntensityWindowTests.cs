using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Imaging;

public sealed class IntensityWindowTests
{
    [Fact]
    public void Centre_and_width_are_in_the_units_of_the_file()
    {
        // Hounsfield units −1024 … stored from 0 on; a window of −160 … 240 is the usual one for soft tissue.
        var image = new PixelImage(5, 1, 1, new ushort[] { 0, 864, 1064, 1264, 4000 }, offset: -1024);
        Assert.Equal([0f, 0f, 0.5f, 1f, 1f], image.ToFloat(window: IntensityWindow.CenterWidth(40, 400)).Data.ToArray());
    }

    [Fact]
    public void Minimum_and_maximum_become_0_and_1() =>
        Assert.Equal([0f, 0.5f, 1f], new PixelImage(3, 1, 1, [10, 20, 30]).ToFloat(window: IntensityWindow.MinMax).Data.ToArray());

    [Fact]
    public void Percentiles_are_those_of_numpy()
    {
        // Oracle: numpy.percentile([0 … 10], [5, 95]) = [0.5, 9.5].
        var image = new PixelImage(11, 1, 1, [.. Enumerable.Range(0, 11).Select(value => (byte)value)]);
        Assert.Equal((0.5, 9.5), IntensityWindow.Percentiles(5, 95).Bounds(image));
    }

    [Fact]
    public void Constant_image_becomes_0() =>
        Assert.Equal([0f, 0f], new PixelImage(2, 1, 1, [7, 7]).ToFloat(window: IntensityWindow.MinMax).Data.ToArray());

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    [InlineData(double.NaN, 1)]
    public void Window_without_width_is_refused(double center, double width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IntensityWindow.CenterWidth(center, width));

    [Fact]
    public void Percentiles_that_do_not_rise_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IntensityWindow.Percentiles(99, 1));
}
