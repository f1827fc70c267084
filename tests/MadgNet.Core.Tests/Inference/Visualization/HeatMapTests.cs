using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class HeatMapTests
{
    [Fact]
    public void A_map_alone_has_the_colours_of_its_values()
    {
        var map = new FloatImage(1, 1, 3, [0, 0.5f, 1]);
        PixelImage picture = HeatMap.Draw(map);
        Assert.Equal(new[] { 0, 0.5, 1 }.Select(ColorMap.Viridis.At), Enumerable.Range(0, 3).Select(x => OverlayTests.At(picture, x, 0)));
    }

    [Fact]
    public void Bounds_that_are_left_out_are_those_of_the_map()
    {
        var map = new FloatImage(1, 1, 4, [-3, 1, float.NaN, float.PositiveInfinity]);
        PixelImage picture = HeatMap.Draw(map, 0, new HeatMapOptions { Low = null, High = null, Colors = ColorMap.Gray });
        Assert.Equal([0, 255, 128, 255], Enumerable.Range(0, 4).Select(x => picture[x, 0, 0]));
    }

    [Fact]
    public void A_constant_map_without_bounds_has_the_first_colour()
    {
        var map = new FloatImage(1, 1, 2, [4, 4]);
        Assert.Equal(
            ColorMap.Viridis.At(0),
            OverlayTests.At(HeatMap.Draw(map, 0, new HeatMapOptions { Low = null, High = null, ColorBar = true }), 1, 0));
    }

    [Fact]
    public void Over_an_image_the_colours_are_blended_and_NaN_leaves_the_image()
    {
        var image = new FloatImage(1, 1, 2, [1, 1]);
        var map = new FloatImage(1, 1, 2, [0, float.NaN]);
        PixelImage picture = HeatMap.DrawOver(image, map, 0, new HeatMapOptions { Colors = ColorMap.Gray, Opacity = 0.25 });
        Assert.Equal(191, picture[0, 0, 0]);
        Assert.Equal(255, picture[1, 0, 0]);
    }

    [Fact]
    public void A_bar_stands_beside_the_picture_from_low_below_to_high_above()
    {
        var map = new FloatImage(1, 200, 40);
        PixelImage picture = HeatMap.Draw(map, 0, new HeatMapOptions { ColorBar = true, BarTitle = "probability" });
        Assert.Equal(200, picture.Height);
        Assert.True(picture.Width > 60);
        int x = 40 + 12;
        int[] bar = [.. Enumerable.Range(0, 200).Where(y => OverlayTests.At(picture, x, y) == ColorMap.Viridis.At(1))];
        int[] low = [.. Enumerable.Range(0, 200).Where(y => OverlayTests.At(picture, x, y) == ColorMap.Viridis.At(0))];
        Assert.NotEmpty(bar);
        Assert.NotEmpty(low);
        Assert.True(bar.Max() < low.Min());
    }

    [Fact]
    public void A_magnified_map_is_interpolated()
    {
        PixelImage picture = HeatMap.Draw(
            new FloatImage(1, 1, 2, [0, 1]), 0, new HeatMapOptions { Magnification = 4, Colors = ColorMap.Gray });
        Assert.Equal((8, 4), (picture.Width, picture.Height));
        int[] row = [.. Enumerable.Range(0, 8).Select(x => picture[x, 2, 0])];
        Assert.Equal(row.Order(), row);
        Assert.True(row.Distinct().Count() > 4);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1")]
    [InlineData(0.5, "0.5")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(0.0004, "4.0e-4")]
    [InlineData(12.345, "12.3")]
    [InlineData(4321.5, "4322")]
    [InlineData(1234567.0, "1.2e6")]
    public void Numbers_are_short(double value, string text) => Assert.Equal(text, HeatMap.Number(value));

    [Fact]
    public void Bad_options_and_sizes_are_refused_together()
    {
        var map = new FloatImage(1, 2, 2);
        InvalidOptionsException problem = Assert.Throws<InvalidOptionsException>(() => HeatMap.Draw(
            map, 0, new HeatMapOptions { Low = 2, High = 1, Opacity = 3, Magnification = 99 }));
        Assert.Equal(3, problem.Problems.Count);
        Assert.Throws<InvalidOptionsException>(() => HeatMap.Draw(map, 0, new HeatMapOptions { Low = double.NaN }));
        Assert.Throws<ArgumentException>(() => HeatMap.DrawOver(new FloatImage(1, 3, 2), map));
        Assert.Throws<ArgumentOutOfRangeException>(() => HeatMap.Draw(map, 1));
    }
}
