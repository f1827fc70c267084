using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class ErrorMapTests
{
    private static readonly Prediction Predicted = new(new FloatImage(1, 1, 4, [0.9f, 0.9f, 0.1f, 0.1f]));
    private static readonly FloatImage Truth = new(1, 1, 4, [1, 0, 1, 0]);

    [Fact]
    public void Every_pixel_is_of_one_of_four_classes()
    {
        ErrorMap map = ErrorMap.Compare(Predicted, Truth);
        Assert.Equal(
            [ErrorMap.TruePositive, ErrorMap.FalsePositive, ErrorMap.FalseNegative, ErrorMap.TrueNegative], map.Classes.Bytes.ToArray());
        Assert.Equal((1L, 1L, 1L, 1L), (map.TruePositives, map.FalsePositives, map.FalseNegatives, map.TrueNegatives));
    }

    [Fact]
    public void The_classes_have_their_colours_and_the_rest_shows_the_image()
    {
        var options = new ErrorMapOptions();
        PixelImage alone = ErrorMap.Compare(Predicted, Truth).Draw();
        Assert.Equal(
            [options.TruePositive, options.FalsePositive, options.FalseNegative, RgbColor.Black],
            Enumerable.Range(0, 4).Select(x => OverlayTests.At(alone, x, 0)));
        PixelImage over = ErrorMap.Compare(Predicted, Truth)
            .Draw(new FloatImage(1, 1, 4, [0, 0, 0, 1]), options with { Opacity = 1, Magnification = 2 });
        Assert.Equal(options.FalseNegative, OverlayTests.At(over, 5, 1));
        Assert.Equal(RgbColor.White, OverlayTests.At(over, 7, 1));
    }

    [Fact]
    public void The_legend_counts()
    {
        Assert.Equal(["found 1", "too much 1", "missed 1"], ErrorMap.Compare(Predicted, Truth).Legend().Select(entry => entry.Text));
        Assert.Equal(4, ErrorMap.Compare(Predicted, Truth).Legend(new ErrorMapOptions { TrueNegative = RgbColor.White }).Count);
    }

    [Fact]
    public void One_label_of_several_is_compared_with_its_own_truth()
    {
        var prediction = new Prediction(new FloatImage(2, 1, 2, [0, 0, 1, 1]));
        Assert.Equal(2, ErrorMap.Compare(prediction, new FloatImage(2, 1, 2, [0, 0, 1, 1]), 1).TruePositives);
        Assert.Equal(2, ErrorMap.Compare(prediction, new FloatImage(1, 1, 2, [0, 0]), 1).FalsePositives);
    }

    [Fact]
    public void Sizes_that_differ_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ErrorMap.Compare(Predicted, new FloatImage(1, 4, 1)));
        Assert.Throws<ArgumentException>(() => ErrorMap.Compare(Predicted, Truth).Draw(new FloatImage(1, 4, 1)));
        Assert.Throws<InvalidOptionsException>(() => ErrorMap.Compare(Predicted, Truth).Draw(null, new ErrorMapOptions { Opacity = 2 }));
    }
}
