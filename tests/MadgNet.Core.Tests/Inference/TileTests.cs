using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Inference;

public class TileTests
{
    private static readonly TileOptions Small = new() { Size = (32, 24), Overlap = 16, Margin = ConvolutionPredictor.Radius };

    [Fact]
    public void The_weights_of_all_tiles_add_up_to_one_everywhere_and_tiles_begin_at_multiples_of_the_stride()
    {
        var random = new Random(7);
        for (int trial = 0; trial < 300; trial++)
        {
            int stride = 1 << random.Next(4);
            int tile = stride * random.Next(2, 12);
            int overlap = random.Next(0, tile - stride + 1);
            int margin = random.Next(0, (overlap / 2) + 1);
            int length = random.Next(1, 300);
            bool only = random.Next(2) == 0;
            var axis = new TileAxis(length, stride, tile, overlap, margin, 0.02 + random.NextDouble(), only);
            var sums = new double[length];
            var tiles = new int[length];
            for (int i = 0; i < axis.Count; i++)
            {
                Assert.Equal(0, axis.Start(i) % stride);
                Assert.Equal(0, axis.TileSize % stride);
                Assert.True(i == 0 || (axis.Start(i) > axis.Start(i - 1) && axis.Start(i - 1) + axis.TileSize - axis.Start(i) >= overlap));
                for (int k = 0; k < axis.TileSize && axis.Start(i) + k < length; k++)
                {
                    float weight = axis.Weights(i)[k];
                    bool kept = (i == 0 || k >= margin) && (i == axis.Count - 1 || k < axis.TileSize - margin);
                    Assert.True(kept ? weight >= 0 : weight == 0);
                    sums[axis.Start(i) + k] += weight;
                    tiles[axis.Start(i) + k] += kept ? 1 : 0;
                }
            }

            Assert.All(sums, sum => Assert.Equal(1, sum, 1e-6));
            Assert.All(tiles, count => Assert.True(count > 0));
            Assert.True(only || axis.TileSize <= Math.Max(tile, 1));
        }
    }

    [Fact]
    public void By_the_defaults_no_kept_weight_is_zero()
    {
        var network = new NetworkDescription { Stride = 32 };
        var grid = new TileGrid(2000, 3000, network, new TileOptions());
        for (int i = 0; i < grid.Rows.Count; i++)
        {
            int margin = 32;
            ReadOnlySpan<float> weights = grid.Rows.Weights(i);
            Assert.DoesNotContain(0f, weights[(i == 0 ? 0 : margin)..(i == grid.Rows.Count - 1 ? 512 : 512 - margin)].ToArray());
        }
    }

    [Theory]
    [InlineData(100, 75)]
    [InlineData(33, 24)]
    [InlineData(32, 90)]
    [InlineData(97, 25)]
    public void A_network_that_sees_no_farther_than_the_margin_gives_what_it_gives_without_tiles(int height, int width)
    {
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = Small, BatchSize = 3 });
        using var whole = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, height, width);
        FloatImage expected = whole.Predict(image).Probability;
        FloatImage actual = tiled.Predict(image).Probability;
        Assert.InRange(Pictures.Difference(expected, actual), 0, 1e-6f);
        Assert.InRange(tiled.Largest.Height, 4, 32);
        Assert.InRange(tiled.Largest.Width, 4, 24);
        Assert.True(tiled.Runs > 1, "the image was divided");
    }

    [Fact]
    public void By_the_default_overlap_too_the_tiles_of_such_a_network_give_what_the_whole_image_gives()
    {
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = new TileOptions { Size = (64, 64) } });
        using var whole = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 150, 170);
        Assert.InRange(Pictures.Difference(whole.Predict(image).Probability, tiled.Predict(image).Probability), 0, 1e-6f);
    }

    [Fact]
    public void A_margin_that_is_too_small_is_noticed_at_the_seams_and_nowhere_else()
    {
        // The counterpart of the tests above: they would find a difference if there were one.
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = Small with { Margin = 0 } });
        using var whole = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 32, 90);
        FloatImage expected = whole.Predict(image).Probability;
        FloatImage actual = tiled.Predict(image).Probability;
        Assert.InRange(Pictures.Difference(expected, actual), 1e-3f, 1f);
        for (int y = 0; y < 32; y++)
        {
            Assert.Equal(expected[0, y, 2], actual[0, y, 2], 1e-6f);
        }
    }

    [Fact]
    public void An_image_that_fits_into_a_tile_is_not_divided()
    {
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = Small });
        using var whole = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 31, 22);
        Assert.Equal(whole.Predict(image).Probability.Data.ToArray(), tiled.Predict(image).Probability.Data.ToArray());
        Assert.Equal(1, tiled.Runs);
    }

    [Fact]
    public void A_network_of_one_size_sees_tiles_of_that_size_alone()
    {
        var network = new NetworkDescription
        {
            Input = new ModelInput { Channels = 3 },
            Labels = 1,
            Stride = 8,
            FixedSize = (32, 40),
            MaximumBatch = 2
        };
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = new TileOptions { Overlap = 16, Margin = 4 } }, network);
        using var whole = new ConvolutionPredictor(network: network with { FixedSize = null });
        foreach ((int height, int width) in new[] { (90, 100), (20, 100), (20, 20) })
        {
            FloatImage image = Pictures.Noise(3, height, width);
            FloatImage actual = tiled.Predict(image).Probability;
            if (height == 90)
            {
                Assert.InRange(Pictures.Difference(whole.Predict(image).Probability, actual), 0, 1e-6f);
            }

            Assert.Equal((32, 40), (tiled.Largest.Height, tiled.Largest.Width));
            Assert.InRange(tiled.Largest.Count, 1, 2);
            Assert.Equal((height, width), (actual.Height, actual.Width));
        }
    }

    [Fact]
    public void Views_are_those_of_each_tile()
    {
        var augmentation = new TestTimeAugmentation();
        using var tiled = new ConvolutionPredictor(new PredictorOptions { Tiles = Small, Augmentation = augmentation });
        using var whole = new ConvolutionPredictor(new PredictorOptions { Augmentation = augmentation });
        FloatImage image = Pictures.Noise(3, 64, 76);
        Prediction expected = whole.Predict(image);
        Prediction actual = tiled.Predict(image);
        Assert.InRange(Pictures.Difference(expected.Probability, actual.Probability), 0, 1e-6f);
        Assert.InRange(Pictures.Difference(expected.Disagreement!, actual.Disagreement!), 0, 1e-6f);
    }

    [Fact]
    public void Progress_ends_with_all_tiles_done()
    {
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Tiles = Small });
        var seen = new List<PredictionProgress>();
        predictor.Predict(Pictures.Noise(3, 100, 75), new Immediate(seen.Add), CancellationToken.None);
        Assert.Equal(seen.Select(step => step.Done).Order(), seen.Select(step => step.Done));
        Assert.All(seen, step => Assert.Equal(seen[^1].Done, step.Total));
        Assert.True(seen.Count > 3, "it is told often");

        seen.Clear();
        predictor.Predict(Pictures.Noise(3, 8, 8), new Immediate(seen.Add), CancellationToken.None);
        Assert.Equal([new PredictionProgress(1, 1)], seen);
    }

    [Fact]
    public void Cancellation_ends_the_work_between_two_batches()
    {
        using var cancellation = new CancellationTokenSource();
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Tiles = Small, BatchSize = 1 })
        {
            OnRun = run =>
            {
                if (run == 3)
                {
                    cancellation.Cancel();
                }
            },
        };
        Assert.Throws<OperationCanceledException>(() => predictor.Predict(Pictures.Noise(3, 100, 75), null, cancellation.Token));
        Assert.Equal(3, predictor.Runs);
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused()
    {
        Refused(new TileOptions { Size = (30, 32) });
        Refused(new TileOptions { Size = (32, 32), Overlap = 29 });
        Refused(new TileOptions { Size = (32, 32), Overlap = 8, Margin = 5 });
        Refused(new TileOptions { Sigma = 0.001 });
        Refused(new TileOptions { Size = (0, 4) });
        Refused(new TileOptions { Overlap = -1 });
        Refused(new TileOptions { Margin = -1 });
        Refused(new TileOptions { Size = (64, 64) }, new NetworkDescription { FixedSize = (32, 32), Stride = 4 });
        Assert.Throws<InvalidOptionsException>(() => new ConvolutionPredictor(new PredictorOptions
        {
            Tiles = new TileOptions(),
            InputSize = (64, 64)
        }));
        using var smallest = new ConvolutionPredictor(new PredictorOptions { Tiles = new TileOptions { Size = (4, 4) } });
        Assert.Equal(9, smallest.Predict(Pictures.Noise(3, 9, 9)).Height);

        static void Refused(TileOptions tiles, NetworkDescription? network = null) =>
            Assert.Single(
                Assert.Throws<InvalidOptionsException>(() => new ConvolutionPredictor(
                    new PredictorOptions { Tiles = tiles }, network)).Problems);
    }

    [Fact]
    public void Sixteen_threads_on_one_predictor_get_what_they_get_one_after_another_to_the_last_bit()
    {
        using MadgNetModel model = TinyModel.Create();
        using var predictor = new Predictor(model, new PredictorOptions
        {
            Tiles = new TileOptions { Size = (32, 32), Overlap = 8 },
            Augmentation = new TestTimeAugmentation { VerticalFlip = false },
        });
        FloatImage[] images = [.. Enumerable.Range(0, 16).Select(i => Discs.Sample(i, 40, 24 + (i % 3 * 20), 1).Image)];
        Prediction[] serial = [.. images.Select(image => predictor.Predict(image))];
        var parallel = new Prediction[images.Length];
        using var together = new Barrier(images.Length);
        var threads = images.Select((image, i) => new Thread(() =>
        {
            together.SignalAndWait();
            parallel[i] = predictor.Predict(image);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal(serial[i].Probability.Data.ToArray(), parallel[i].Probability.Data.ToArray());
            Assert.Equal(serial[i].Disagreement!.Data.ToArray(), parallel[i].Disagreement!.Data.ToArray());
        }
    }

    [Fact]
    public void A_network_on_TorchSharp_gives_the_same_with_and_without_tiles()
    {
        using var network = new TorchConvolutions();
        using var tiled = new TorchPredictor(
            network, new PredictorOptions { Tiles = new TileOptions { Size = (64, 96), Overlap = 32, Margin = TorchConvolutions.Radius } });
        using var whole = new TorchPredictor(network, null);
        FloatImage image = Pictures.Noise(3, 201, 330);
        FloatImage expected = whole.Predict(image).Probability;
        Assert.InRange(Pictures.Difference(expected, tiled.Predict(image).Probability), 0, 1e-5f);
        Assert.True(expected.Data.ToArray().Max() - expected.Data.ToArray().Min() > 0.1, "the map is not flat");
        TensorLeak.None(() => tiled.Predict(image));
    }

    private sealed class Immediate(Action<PredictionProgress> report) : IProgress<PredictionProgress>
    {
        public void Report(PredictionProgress value) => report(value);
    }
}
