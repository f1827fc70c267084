using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Tests.Inference;

/// <summary>Looks at the memory of the whole process, and therefore runs when no other test does.</summary>
[Collection(nameof(PredictLargeMemoryTests))]
[CollectionDefinition(nameof(PredictLargeMemoryTests), DisableParallelization = true)]
public class PredictLargeMemoryTests
{
    [Fact]
    public void A_high_image_needs_memory_for_a_band_and_not_for_its_height()
    {
        // A source that draws itself: 1,000 by 24,000 pixels. Live memory is looked at while rows come.
        using var predictor = new StripePredictor(new PredictorOptions { Tiles = new TileOptions { Size = (128, 128) } });
        using var source = new DrawnSource(1000, 24_000);
        using var watch = new MemoryWatch();
        predictor.PredictLarge(source, [watch], null, CancellationToken.None);
        Assert.Equal(24_000, watch.Rows);

        // The whole map alone would be 96 MB, the image 72 MB.
        Assert.InRange(watch.Peak - watch.Start, 0, 24L << 20);
    }

    private sealed class MemoryWatch : IPredictionSink
    {
        public long Start { get; private set; }

        public long Peak { get; private set; }

        public int Rows { get; private set; }

        public void Begin(int height, int width, IReadOnlyList<double> thresholds) => Start = GC.GetTotalMemory(forceFullCollection: true);

        public void Write(PredictionRows rows)
        {
            Rows += rows.Probability.Height;
            if (rows.Top % 3840 == 0)
            {
                Peak = Math.Max(Peak, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        public void Complete()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class DrawnSource(int width, int height) : IImageSource
    {
        public int Width => width;

        public int Height => height;

        public PixelImage Read(int left, int top, int width, int height) => new(width, height, 3, new byte[width * height * 3]);

        public void Dispose()
        {
        }
    }

    /// <summary>A network that costs nothing.</summary>
    private sealed class StripePredictor(PredictorOptions options) : SegmentationPredictor(new NetworkDescription { Stride = 32 }, options)
    {
        protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities) =>
            probabilities.Fill(0.25f);
    }
}
