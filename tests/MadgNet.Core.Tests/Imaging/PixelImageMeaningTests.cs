using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>Samples that stand for real numbers, and samples that mark pixels outside of an image.</summary>
public class PixelImageMeaningTests
{
    [Fact]
    public void A_window_is_in_the_units_that_scale_and_offset_give()
    {
        var image = new PixelImage(width: 3, height: 1, 1, new ushort[] { 0, 1000, 2000 }, offset: -1) { Scale = 0.002 };

        Assert.Equal([0f, 0.5f, 1f], image.ToFloat(window: IntensityWindow.CenterWidth(1, 4)).Data.ToArray());
        Assert.Equal((-1, 3), IntensityWindow.MinMax.Bounds(image));
        Assert.Equal(image.Scale, image.Crop(1, 0, 2, 1).Scale);
    }

    [Fact]
    public void Padding_is_left_out_of_darkest_and_brightest()
    {
        var image = new PixelImage(width: 4, height: 1, 1, new ushort[] { 0, 100, 150, 200 }, offset: -100) { Padding = 0 };

        Assert.Equal((0, 100), IntensityWindow.MinMax.Bounds(image));
        Assert.Equal([0f, 0f, 0.5f, 1f], image.ToFloat(window: IntensityWindow.MinMax).Data.ToArray());
    }

    [Fact]
    public void An_image_of_padding_alone_becomes_0()
    {
        var image = new PixelImage(width: 2, height: 1, 1, new ushort[] { 7, 7 }) { Padding = 7 };

        Assert.Equal([0f, 0f], image.ToFloat(window: IntensityWindow.MinMax).Data.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_scale_is_a_finite_number_above_0(double scale)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelImage(width: 1, height: 1, 1, new ushort[1]) { Scale = scale });
    }
}
