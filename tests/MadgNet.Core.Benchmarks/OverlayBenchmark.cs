using System.Diagnostics;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// The overlay of a mask with many objects on an 8-bit RGB image of 50 megapixels: the best time of three, and all that drawing takes,
/// the picture included, over the bytes of the image's pixels.
/// </summary>
internal sealed class OverlayBenchmark : IBench
{
    private const int Width = 8660;
    private const int Height = 5774;
    private const int Objects = 4000;

    public string Name => "overlay";

    public string Summary => "Time and memory of drawing a mask over an image of 50 megapixels.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var pixels = new byte[Width * Height * 3];
        random.NextBytes(pixels);
        var image = new PixelImage(Width, Height, 3, pixels);
        var inside = new bool[Width * Height];
        for (int i = 0; i < Objects; i++)
        {
            (int x, int y, int radius) = (random.Next(Width), random.Next(Height), random.Next(5, 40));
            for (int row = Math.Max(0, y - radius); row < Math.Min(Height, y + radius); row++)
            {
                int half = (int)Math.Sqrt((radius * radius) - ((row - y) * (row - y)));
                int left = Math.Max(0, x - half);
                inside.AsSpan((row * Width) + left, Math.Max(0, Math.Min(Width, x + half) - left)).Fill(true);
            }
        }

        OverlayLayer[] layers = [new OverlayLayer(Width, Height, inside)];
        double best = double.PositiveInfinity;
        double memory = 0;
        for (int i = 0; i < 3; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long before = GC.GetTotalAllocatedBytes(precise: true);
            var time = Stopwatch.StartNew();
            PixelImage picture = Overlay.Draw(image, layers, null);
            best = Math.Min(best, time.Elapsed.TotalSeconds);
            memory = Math.Max(memory, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / pixels.Length);
            GC.KeepAlive(picture);
        }

        output.WriteLine(Measuring.Text($"bench overlay time: {best:F2} s"));
        output.WriteLine(Measuring.Text($"bench overlay memory: {memory:F2}x"));
    }
}
