using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Inference;

public class PredictLargeTests
{
    private static readonly PredictorOptions Tiled = new() { Tiles = new TileOptions { Size = (64, 48), Overlap = 16 } };

    [Theory]
    [InlineData("w", 32, Compression.LZW)]
    [InlineData("w8", 64, Compression.ADOBE_DEFLATE)]
    [InlineData("w", null, Compression.NONE)]
    [InlineData("wb", null, Compression.PACKBITS)]
    public void A_file_is_read_segmented_and_written_window_by_window_with_the_result_of_the_image_in_memory(
        string mode, int? tile, Compression compression)
    {
        using var folder = new TemporaryFolder();
        PixelImage image = Pictures.Pixels(3, 331, 290);
        string path = folder.File("in.tif");
        LargeTiff.Write(path, image, mode, tile, compression: compression);
        using var predictor = new ConvolutionPredictor(Tiled);
        Prediction expected = predictor.Predict(image);

        using (TiffImageSource source = TiffImageSource.Open(path))
        using (TiffSink mask = TiffSink.Mask(folder.File("mask.tif"), 1))
        using (TiffSink probability = TiffSink.Probability(folder.File("probability.tif")))
        using (var collected = new Collector())
        {
            predictor.PredictLarge(source, [mask, collected, probability], null, CancellationToken.None);
            Assert.Equal(expected.Probability.Data.ToArray(), collected.Result!.Data.ToArray());
            Assert.True(collected.Completed);
            Assert.InRange(collected.MostRows, 1, 64);
        }

        var reader = new ImageReader();
        PixelImage written = reader.Read(folder.File("mask.tif"));
        Assert.Equal(expected.Mask(1).Bytes.ToArray(), written.Bytes.ToArray());
        Assert.Contains((byte)255, written.Bytes.ToArray());
        Assert.Contains((byte)0, written.Bytes.ToArray());
        PixelImage probabilities = reader.Read(folder.File("probability.tif"));
        ReadOnlySpan<float> plane = expected.Probability.Plane(0);
        for (int i = 0; i < plane.Length; i++)
        {
            Assert.Equal(plane[i], probabilities.Words[i] / 65535f, 1e-5f);
        }

        Assert.Equal(["in.tif", "mask.tif", "probability.tif"], folder.Files);
    }

    [Fact]
    public void An_image_smaller_than_a_tile_of_16_bits_and_one_row_goes_the_same_way()
    {
        using var predictor = new ConvolutionPredictor(network: new NetworkDescription
        {
            Input = new ModelInput { Channels = 1 },
            Labels = 1,
            Stride = 4
        });
        foreach (PixelImage image in new[] { Pictures.Pixels(3, 30, 21, bits: 16), Pictures.Pixels(1, 1, 1), Pictures.Pixels(4, 1, 700) })
        {
            using var source = new PixelImageSource(image);
            using var collected = new Collector();
            predictor.PredictLarge(source, [collected], null, CancellationToken.None);
            Assert.InRange(Pictures.Difference(predictor.Predict(image).Probability, collected.Result!), 0, 1e-6f);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void The_range_of_intensities_is_that_of_the_whole_image(int channels)
    {
        byte[] samples = [.. Enumerable.Range(0, 200 * 60 * 3).Select(i => (byte)(50 + (i * 7 % 100) + (i / 400)))];
        var image = new PixelImage(60, 200, 3, samples);
        var network = new NetworkDescription
        {
            Input = new ModelInput { Channels = channels, Scaling = IntensityScaling.MinMax },
            Labels = 2,
            Stride = 4
        };
        using var predictor = new ConvolutionPredictor(Tiled, network);
        using var source = new PixelImageSource(image);
        using var collected = new Collector();
        predictor.PredictLarge(source, [collected], null, CancellationToken.None);
        Assert.Equal(predictor.Predict(image).Probability.Data.ToArray(), collected.Result!.Data.ToArray());

        using var flat = new PixelImageSource(new PixelImage(60, 60, 1, new byte[3600]));
        using var constant = new Collector();
        predictor.PredictLarge(flat, [constant], null, CancellationToken.None);
        Assert.DoesNotContain(float.NaN, constant.Result!.Data.ToArray());
    }

    [Fact]
    public void Disagreement_and_exact_probabilities_are_written_where_there_are_views()
    {
        using var folder = new TemporaryFolder();
        PixelImage image = Pictures.Pixels(3, 100, 130);
        using var predictor = new ConvolutionPredictor(Tiled with { Augmentation = new TestTimeAugmentation() });
        Prediction expected = predictor.Predict(image);
        using (var source = new PixelImageSource(image))
        using (TiffSink disagreement = TiffSink.Disagreement(folder.File("d.tif")))
        using (TiffSink exact = TiffSink.ExactProbability(folder.File("p.tif")))
        {
            predictor.PredictLarge(source, [disagreement, exact], null, CancellationToken.None);
        }

        PixelImage written = new ImageReader().Read(folder.File("d.tif"));
        Assert.Equal(expected.Disagreement!.Plane(0).ToArray().Select(value => (ushort)((value * 65535) + 0.5f)), written.Words.ToArray());
        using Tiff tiff = Tiff.Open(folder.File("p.tif"), "r");
        Assert.Equal(SampleFormat.IEEEFP, (SampleFormat)tiff.GetField(TiffTag.SAMPLEFORMAT)[0].ToInt());
        var tile = new byte[tiff.TileSize()];
        Assert.True(tiff.ReadTile(tile, 0, 0, 0, 0, 0) > 0);
        Assert.Equal(expected.Probability[0, 99, 129], BitConverter.ToSingle(tile, ((99 * 256) + 129) * 4));

        using var plain = new ConvolutionPredictor(Tiled);
        using var again = new PixelImageSource(image);
        using TiffSink none = TiffSink.Disagreement(folder.File("none.tif"));
        Assert.Throws<InvalidOperationException>(() => plain.PredictLarge(again, [none], null, CancellationToken.None));
    }

    [Fact]
    public void Cancellation_and_damage_leave_no_file_behind_and_the_old_one_as_it_was()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("in.tif");
        LargeTiff.Write(path, Pictures.Pixels(3, 300, 300), tile: 64, compression: Compression.LZW);
        string old = folder.Write("mask.tif", "the old one"u8);
        using var cancellation = new CancellationTokenSource();
        using var predictor = new ConvolutionPredictor(Tiled) { OnRun = run => Cancel(run, 9, cancellation) };
        using (TiffImageSource source = TiffImageSource.Open(path))
        using (TiffSink mask = TiffSink.Mask(old))
        {
            Assert.Throws<OperationCanceledException>(() => predictor.PredictLarge(source, [mask], null, cancellation.Token));
        }

        Assert.Equal("the old one", File.ReadAllText(old));
        Assert.Equal(["in.tif", "mask.tif"], folder.Files);

        byte[] content = File.ReadAllBytes(path);
        content.AsSpan(content.Length / 2, 2000).Fill(0xAA);
        File.WriteAllBytes(path, content);
        using var second = new ConvolutionPredictor(Tiled);
        using (TiffImageSource source = TiffImageSource.Open(path))
        using (TiffSink mask = TiffSink.Mask(old))
        {
            Assert.Throws<ImageReadException>(() => second.PredictLarge(source, [mask], null, CancellationToken.None));
        }

        Assert.Equal("the old one", File.ReadAllText(old));
        Assert.Equal(["in.tif", "mask.tif"], folder.Files);
    }

    [Fact]
    public void Every_row_of_the_source_is_read_once_from_top_to_bottom_and_progress_counts_the_tiles()
    {
        using var predictor = new ConvolutionPredictor(Tiled);
        using var source = new WatchedSource(Pictures.Pixels(3, 500, 200));
        using var collected = new Collector();
        var seen = new List<PredictionProgress>();
        predictor.PredictLarge(source, [collected], new Immediate(seen.Add), CancellationToken.None);
        Assert.Equal(500, source.Next);
        Assert.Equal(seen[^1].Total, seen[^1].Done);
    }

    [Fact]
    public void A_source_that_changes_its_mind_is_refused()
    {
        using var predictor = new ConvolutionPredictor(Tiled);
        using var source = new WatchedSource(Pictures.Pixels(3, 300, 200)) { Tamper = window => window.ToGray() };
        using var collected = new Collector();
        Assert.Throws<ImageReadException>(() => predictor.PredictLarge(source, [collected], null, CancellationToken.None));
        Assert.False(collected.Completed);
    }

    [Fact]
    public void What_needs_the_whole_image_is_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        using var source = new PixelImageSource(Pictures.Pixels(3, 50, 50));
        foreach (PredictorOptions options in new[]
        {
            new PredictorOptions { PostProcessing = new PostProcessing() },
            new PredictorOptions { InputSize = (32, 32) }
        })
        {
            using var predictor = new ConvolutionPredictor(options);
            using TiffSink mask = TiffSink.Mask(folder.File("mask.tif"));
            Assert.Single(
                Assert.Throws<InvalidOptionsException>(() => predictor.PredictLarge(
                    source, [mask], null, CancellationToken.None)).Problems);
        }

        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("in.tif")]
    [InlineData("sub/../in.tif")]
    [InlineData("link.tif")]
    [InlineData("hard.tif")]
    public void The_image_is_never_replaced_by_its_own_mask(string output)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("in.tif");
        LargeTiff.Write(path, Pictures.Pixels(3, 100, 100), tile: 64);
        Directory.CreateDirectory(folder.File("sub"));
        File.CreateSymbolicLink(folder.File("link.tif"), path);
        HardLink.Create(path, folder.File("hard.tif"));
        byte[] before = File.ReadAllBytes(path);
        using var predictor = new ConvolutionPredictor(Tiled);
        using TiffImageSource source = TiffImageSource.Open(path);
        using TiffSink other = TiffSink.Mask(folder.File("other.tif"));
        using TiffSink mask = TiffSink.Mask(Path.Combine(folder.Root, output));
        Assert.Throws<OutputException>(() => predictor.PredictLarge(source, [other, mask], null, CancellationToken.None));
        using TiffSink twice = TiffSink.Mask(folder.File("other.tif"), 1);
        Assert.Throws<OutputException>(() => predictor.PredictLarge(source, [other, twice], null, CancellationToken.None));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.False(File.Exists(folder.File("other.tif")));
    }

    [Fact]
    public void A_sink_serves_one_image_and_a_label_that_there_is()
    {
        using var folder = new TemporaryFolder();
        using var predictor = new ConvolutionPredictor(Tiled);
        using var source = new PixelImageSource(Pictures.Pixels(3, 50, 50));
        using TiffSink mask = TiffSink.Mask(folder.File("mask.tif"));
        predictor.PredictLarge(source, [mask], null, CancellationToken.None);
        Assert.Throws<InvalidOperationException>(() => predictor.PredictLarge(source, [mask], null, CancellationToken.None));
        using TiffSink third = TiffSink.Mask(folder.File("third.tif"), 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.PredictLarge(source, [third], null, CancellationToken.None));
        using TiffSink nowhere = TiffSink.Mask(Path.Combine(folder.Root, "missing", "mask.tif"));
        Assert.Throws<DirectoryNotFoundException>(() => predictor.PredictLarge(source, [nowhere], null, CancellationToken.None));
        using TiffSink unused = TiffSink.Mask(folder.File("unused.tif"));
        Assert.Throws<InvalidOperationException>(() => unused.Write(new PredictionRows(0, new FloatImage(1, 1, 1), null)));
        Assert.Equal(["mask.tif"], folder.Files);
    }

    private static void Cancel(int run, int at, CancellationTokenSource cancellation)
    {
        if (run == at)
        {
            cancellation.Cancel();
        }
    }

    private sealed class Collector : IPredictionSink
    {
        public FloatImage? Result { get; private set; }

        public bool Completed { get; private set; }

        public int MostRows { get; private set; }

        private int _next;

        public void Begin(int height, int width, IReadOnlyList<double> thresholds) =>
            Result = new FloatImage(thresholds.Count, height, width);

        public void Write(PredictionRows rows)
        {
            Assert.Equal(_next, rows.Top);
            _next += rows.Probability.Height;
            MostRows = Math.Max(MostRows, rows.Probability.Height);
            for (int label = 0; label < Result!.Channels; label++)
            {
                rows.Probability.Plane(label).CopyTo(Result.Plane(label)[(rows.Top * Result.Width)..]);
            }
        }

        public void Complete()
        {
            Assert.Equal(Result!.Height, _next);
            Completed = true;
        }

        public void Dispose()
        {
        }
    }

    private sealed class WatchedSource(PixelImage image) : IImageSource
    {
        public int Next { get; private set; }

        public Func<PixelImage, PixelImage>? Tamper { get; init; }

        public int Width => image.Width;

        public int Height => image.Height;

        public PixelImage Read(int left, int top, int width, int height)
        {
            Assert.Equal((0, Next, image.Width), (left, top, width));
            PixelImage window = image.Crop(left, top, width, height);
            window = Next > 0 && Tamper is not null ? Tamper(window) : window;
            Next += height;
            return window;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Immediate(Action<PredictionProgress> report) : IProgress<PredictionProgress>
    {
        public void Report(PredictionProgress value) => report(value);
    }
}
