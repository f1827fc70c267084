using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Inference;

public class SegmentationPredictorTests
{
    [Fact]
    public void A_file_a_stream_and_a_buffer_are_the_same_image()
    {
        using var folder = new TemporaryFolder();
        using var predictor = new ConvolutionPredictor();
        PixelImage image = Pictures.Pixels(3, 19, 30);
        string path = folder.File("image.png");
        ImageWriter.Write(image, path);
        float[] expected = predictor.Predict(image.ToFloat()).Probability.Data.ToArray();

        Assert.Equal(expected, predictor.Predict(path).Probability.Data.ToArray());
        using (FileStream stream = File.OpenRead(path))
        {
            Assert.Equal(expected, predictor.Predict(stream).Probability.Data.ToArray());
            Assert.True(stream.CanRead, "the stream stays open");
        }

        Assert.Equal(expected, predictor.Predict(image).Probability.Data.ToArray());
        Assert.Equal(expected, predictor.Predict(image.Bytes, 30, 19, 90, PixelLayout.Rgb24).Probability.Data.ToArray());
    }

    [Theory]
    [InlineData(PixelLayout.Gray8, 1, 1)]
    [InlineData(PixelLayout.Gray16, 2, 1)]
    [InlineData(PixelLayout.Rgb24, 3, 3)]
    [InlineData(PixelLayout.Bgr24, 3, 3)]
    [InlineData(PixelLayout.Rgba32, 4, 4)]
    [InlineData(PixelLayout.Bgra32, 4, 4)]
    public void A_buffer_with_padded_rows_is_read_in_its_layout(PixelLayout layout, int size, int channels)
    {
        const int Width = 5;
        const int Height = 3;
        int stride = (Width * size) + 7;
        var buffer = new byte[(stride * (Height - 1)) + (Width * size)];
        new Random(4).NextBytes(buffer);
        PixelImage image = PixelImage.Copy(buffer, Width, Height, stride, layout);

        Assert.Equal((Width, Height, channels), (image.Width, image.Height, image.Channels));
        bool swapped = layout is PixelLayout.Bgr24 or PixelLayout.Bgra32;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                ReadOnlySpan<byte> pixel = buffer.AsSpan((y * stride) + (x * size), size);
                for (int c = 0; c < channels; c++)
                {
                    int expected = size == 2 ? MemoryMarshal.Read<ushort>(pixel) : pixel[swapped && c != 1 && c < 3 ? 2 - c : c];
                    Assert.Equal(expected, image[x, y, c]);
                }
            }
        }
    }

    [Fact]
    public void A_buffer_that_does_not_hold_the_image_is_refused()
    {
        var buffer = new byte[59];
        Assert.Throws<ArgumentException>(() => PixelImage.Copy(buffer, 5, 4, 15, PixelLayout.Rgb24));
        Assert.Throws<ArgumentException>(() => PixelImage.Copy(buffer, 5, 1, 14, PixelLayout.Rgb24));
        Assert.Throws<ArgumentException>(() => PixelImage.Copy(buffer, 5, int.MaxValue, 15, PixelLayout.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => PixelImage.Copy(buffer, 0, 4, 15, PixelLayout.Rgb24));
        Assert.Throws<ArgumentOutOfRangeException>(() => PixelImage.Copy(buffer, 1, 1, 15, (PixelLayout)99));
    }

    [Fact]
    public void A_stream_that_holds_no_image_or_breaks_is_answered_with_an_image_exception()
    {
        using var predictor = new ConvolutionPredictor();
        using var text = new MemoryStream("no image"u8.ToArray());
        Assert.Throws<ImageReadException>(() => predictor.Predict(text));
        using var empty = new MemoryStream();
        Assert.Throws<ImageReadException>(() => predictor.Predict(empty));
        using var folder = new TemporaryFolder();
        using var writable = new FileStream(folder.File("write"), FileMode.Create, FileAccess.Write);
        Assert.Throws<ImageReadException>(() => predictor.Predict(writable));
    }

    [Fact]
    public async Task A_stream_is_predicted_asynchronously_and_can_be_cancelled()
    {
        using var predictor = new ConvolutionPredictor();
        using var stream = new MemoryStream();
        ImageWriter.Write(Pictures.Pixels(3, 19, 30), stream);
        stream.Position = 0;

        Prediction prediction = await predictor.PredictAsync(stream, TestContext.Current.CancellationToken);

        stream.Position = 0;
        Assert.Equal(predictor.Predict(stream).Probability.Data.ToArray(), prediction.Probability.Data.ToArray());
        stream.Position = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => predictor.PredictAsync(
            stream, new CancellationToken(canceled: true)));
        using var text = new MemoryStream("no image"u8.ToArray());
        await Assert.ThrowsAsync<ImageReadException>(() => predictor.PredictAsync(text, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_reader_of_the_host_s_reads_streams_as_well()
    {
        using var predictor = new ConvolutionPredictor(new PredictorOptions { Reader = new OneColor() });
        using var stream = new MemoryStream([7]);
        Assert.Equal((4, 5), (predictor.Predict(stream).Probability.Height, predictor.Predict(stream).Probability.Width));
    }

    private sealed class OneColor : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".one"];

        public PixelImage Read(string path, ImageReadOptions? options = null) => new PixelImage(5, 4, 1, new byte[20]);
    }

    [Fact]
    public void A_batch_of_all_sizes_gives_what_its_images_give_alone()
    {
        using var predictor = new ConvolutionPredictor(new PredictorOptions { BatchSize = 3 });
        FloatImage[] images = [.. Enumerable.Range(0, 11).Select(i => Pictures.Noise(3, 9 + (i % 4 * 2), 17 + (i % 3), i))];
        IReadOnlyList<Prediction> together = predictor.Predict(images);
        Assert.InRange(predictor.Largest.Count, 2, 3);
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal(predictor.Predict(images[i]).Probability.Data.ToArray(), together[i].Probability.Data.ToArray());
        }

        Assert.Empty(predictor.Predict(Array.Empty<FloatImage>()));
    }

    [Fact]
    public void What_lies_beyond_the_image_is_its_edge_repeated()
    {
        using var predictor = new ConvolutionPredictor();
        FloatImage image = Pictures.Noise(3, 13, 10);
        var padded = new FloatImage(3, 16, 12);
        for (int c = 0; c < 3; c++)
        {
            for (int y = 0; y < 16; y++)
            {
                for (int x = 0; x < 12; x++)
                {
                    padded[c, y, x] = image[c, Math.Min(y, 12), Math.Min(x, 9)];
                }
            }
        }

        FloatImage expected = predictor.Predict(padded).Probability;
        FloatImage actual = predictor.Predict(image).Probability;
        for (int label = 0; label < 2; label++)
        {
            for (int y = 0; y < 13; y++)
            {
                Assert.Equal(expected.Row(label, y)[..10].ToArray(), actual.Row(label, y).ToArray());
            }
        }
    }

    [Fact]
    public void A_network_of_one_size_and_one_image_at_a_time_gets_just_that()
    {
        var network = new NetworkDescription
        {
            Input = new ModelInput { Channels = 1 },
            Labels = 1,
            Stride = 4,
            FixedSize = (12, 16),
            MaximumBatch = 1
        };
        using var predictor = new ConvolutionPredictor(network: network);
        FloatImage[] images = [Pictures.Noise(1, 30, 20), Pictures.Noise(1, 5, 50, 2)];
        IReadOnlyList<Prediction> predictions = predictor.Predict(images);
        Assert.Equal((1, 12, 16), predictor.Largest);
        Assert.Equal((30, 20), (predictions[0].Height, predictions[0].Width));

        using var free = new ConvolutionPredictor(new PredictorOptions { InputSize = (12, 16) }, network with { FixedSize = null });
        Assert.Equal(free.Predict(images[1]).Probability.Data.ToArray(), predictions[1].Probability.Data.ToArray());
    }

    [Fact]
    public void A_grey_image_is_repeated_where_the_network_says_so_and_refused_otherwise()
    {
        using var predictor = new ConvolutionPredictor();
        FloatImage gray = Pictures.Noise(1, 8, 8);
        Assert.Equal(
            predictor.Predict(gray.WithChannels(ImageChannels.Rgb)).Probability.Data.ToArray(),
            predictor.Predict(gray).Probability.Data.ToArray());

        using var strict = new ConvolutionPredictor(network: predictor.Network with { AcceptsGray = false });
        Assert.Contains("1×8×8", Assert.Throws<TensorShapeException>(() => strict.Predict(gray)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_given_threshold_goes_before_the_stored_one_and_that_of_a_label_before_both()
    {
        var network = new NetworkDescription { Input = new ModelInput { Channels = 3 }, Labels = 2, Stride = 4 };
        Assert.Equal([0.5, 0.5], Thresholds(null, null));
        Assert.Equal([0.3, 0.3], Thresholds(null, 0.3));
        Assert.Equal([0.7, 0.7], Thresholds(new PredictorOptions { Threshold = 0.7 }, 0.3));
        Assert.Equal([0.2, 0.9], Thresholds(new PredictorOptions { Threshold = 0.7, LabelThresholds = [0.2, 0.9] }, 0.3));

        IReadOnlyList<double> Thresholds(PredictorOptions? options, double? stored)
        {
            using var predictor = new ConvolutionPredictor(options, network with { Threshold = stored });
            Prediction prediction = predictor.Predict(Pictures.Noise(3, 8, 8));
            Assert.Equal(predictor.Thresholds, prediction.Thresholds);
            return prediction.Thresholds;
        }
    }

    [Fact]
    public void Options_that_do_not_fit_the_network_are_refused_together()
    {
        var network = new NetworkDescription { Labels = 2, FixedSize = (32, 32) };
        var options = new PredictorOptions { InputSize = (64, 64), LabelThresholds = [0.5] };
        Assert.Equal(2, Assert.Throws<InvalidOptionsException>(() => new ConvolutionPredictor(options, network)).Problems.Count);
    }

    [Fact]
    public void A_description_that_contradicts_itself_is_refused_with_all_its_problems()
    {
        var network = new NetworkDescription
        {
            Input = new ModelInput { Channels = 0, Scaling = (IntensityScaling)7 },
            Labels = 0,
            LabelNames = ["a"],
            Stride = 8,
            Threshold = double.NaN,
            FixedSize = (12, 8),
            MaximumBatch = 0,
        };
        var exception = Assert.Throws<InvalidOptionsException>(() => new ConvolutionPredictor(
            new PredictorOptions { BatchSize = 0, LabelThresholds = [2] }, network));
        Assert.Equal(9, exception.Problems.Count);
    }

    [Fact]
    public void A_predictor_that_was_disposed_says_so()
    {
        var predictor = new ConvolutionPredictor();
        predictor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(Pictures.Noise(3, 8, 8)));
    }
}
