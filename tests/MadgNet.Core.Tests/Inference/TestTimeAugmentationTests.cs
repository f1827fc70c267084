using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Inference;

public class TestTimeAugmentationTests
{
    [Theory]
    [InlineData(false, false, false, 1)]
    [InlineData(true, false, false, 2)]
    [InlineData(false, true, false, 2)]
    [InlineData(true, true, false, 4)]
    [InlineData(false, false, true, 4)]
    [InlineData(true, false, true, 8)]
    [InlineData(false, true, true, 8)]
    [InlineData(true, true, true, 8)]
    public void Every_combination_is_one_view_and_no_picture_comes_twice(bool horizontal, bool vertical, bool rightAngles, int count)
    {
        IReadOnlyList<AugmentedView> views = new TestTimeAugmentation
        {
            HorizontalFlip = horizontal,
            VerticalFlip = vertical,
            RightAngles = rightAngles
        }.Views();
        FloatImage square = Pictures.Noise(1, 5, 5);
        Assert.Equal(count, views.Count);
        Assert.Equal(AugmentedView.Identity, views[0]);
        Assert.Equal(count, views.Select(view => string.Join(' ', view.Apply(square).Data.ToArray())).Distinct().Count());
    }

    [Fact]
    public void A_turn_by_90_degrees_is_the_one_that_it_says()
    {
        IReadOnlyList<AugmentedView> views = new TestTimeAugmentation
        {
            HorizontalFlip = false,
            VerticalFlip = false,
            RightAngles = true
        }.Views();
        var image = new FloatImage(1, 2, 3, [1, 2, 3, 4, 5, 6]);
        float[][] expected = [[1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [4, 1, 5, 2, 6, 3], [3, 6, 2, 5, 1, 4]];
        Assert.Equal(expected, views.Select(view => view.Apply(image).Data.ToArray()));
    }

    [Fact]
    public void What_is_undone_is_the_image_again()
    {
        FloatImage image = Pictures.Noise(2, 7, 11);
        foreach (AugmentedView view in new TestTimeAugmentation { RightAngles = true }.Views())
        {
            Assert.Equal(image.Data.ToArray(), view.Undo(view.Apply(image), 7, 11).Data.ToArray());
        }
    }

    [Fact]
    public void The_mean_and_the_disagreement_are_those_that_are_computed_by_hand()
    {
        var augmentation = new TestTimeAugmentation { RightAngles = true, Scales = [1, 0.75, 1.5] };
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Augmentation = augmentation, BatchSize = 3 });
        using var plain = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 13, 21);
        Prediction prediction = predictor.Predict(image);

        // By hand: the picture itself is turned, mirrored and resized pixel by pixel, and its probabilities are brought back.
        var maps = new List<float[]>();
        foreach (double scale in augmentation.Scales)
        {
            FloatImage sized = ImageResizer.Bilinear(
                image,
                (int)Math.Round(13 * scale, MidpointRounding.AwayFromZero),
                (int)Math.Round(21 * scale, MidpointRounding.AwayFromZero));
            for (int turn = 0; turn < 4; turn++)
            {
                foreach (bool mirror in (bool[])[false, true])
                {
                    FloatImage view = mirror ? Mirror(sized) : sized;
                    for (int i = 0; i < turn; i++)
                    {
                        view = Turn(view);
                    }

                    FloatImage map = plain.Predict(view).Probability;
                    for (int i = 0; i < (4 - turn) % 4; i++)
                    {
                        map = Turn(map);
                    }

                    maps.Add(ImageResizer.Bilinear(mirror ? Mirror(map) : map, 13, 21).Data.ToArray());
                }
            }
        }

        Assert.Equal(24, maps.Count);
        for (int i = 0; i < maps[0].Length; i++)
        {
            double mean = maps.Average(map => (double)map[i]);
            double deviation = Math.Sqrt(maps.Average(map => Math.Pow(map[i] - mean, 2)));
            Assert.Equal(mean, prediction.Probability.Data[i], 1e-6);
            Assert.Equal(deviation, prediction.Disagreement!.Data[i], 1e-6);
        }

        Assert.Contains(prediction.Disagreement!.Data.ToArray(), value => value > 0.01f);
    }

    [Fact]
    public void Without_it_there_is_no_disagreement()
    {
        using var plain = new ConvolutionPredictor();
        Assert.Null(plain.Predict(Pictures.Noise(3, 8, 8)).Disagreement);
    }

    [Fact]
    public void One_view_is_the_image_itself_and_agrees_with_itself()
    {
        using var single = new ConvolutionPredictor(new PredictorOptions
        {
            Augmentation = new TestTimeAugmentation { HorizontalFlip = false, VerticalFlip = false }
        });
        using var plain = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 13, 21);
        Prediction prediction = single.Predict(image);
        Assert.Equal(plain.Predict(image).Probability.Data.ToArray(), prediction.Probability.Data.ToArray());
        Assert.All(prediction.Disagreement!.Data.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Scales_and_views_that_cannot_be_are_refused()
    {
        double[][] wrong = [[], [0], [1, 1], [double.NaN], [100]];
        Assert.All(
            wrong,
            scales => Assert.Single(new PredictorOptions { Augmentation = new TestTimeAugmentation { Scales = scales } }.Validate()));
        Assert.Single(new PredictorOptions { Augmentation = new TestTimeAugmentation { Scales = null! } }.Validate());

        var network = new NetworkDescription { FixedSize = (32, 64) };
        var options = new PredictorOptions { Augmentation = new TestTimeAugmentation { RightAngles = true, Scales = [1, 2] } };
        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => new ConvolutionPredictor(options, network)).Problems.Count);
    }

    private static FloatImage Turn(FloatImage image)
    {
        var result = new FloatImage(image.Channels, image.Width, image.Height);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < image.Height; y++)
            {
                for (int x = 0; x < image.Width; x++)
                {
                    result[c, x, image.Height - 1 - y] = image[c, y, x];
                }
            }
        }

        return result;
    }

    private static FloatImage Mirror(FloatImage image)
    {
        FloatImage result = image.Clone();
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < image.Height; y++)
            {
                result.Row(c, y).Reverse();
            }
        }

        return result;
    }
}
