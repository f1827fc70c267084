using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Samples per second from JPEG files of 256×256 with PNG masks (as Kvasir-SEG's copies are) to batches of 352×352 with
/// targets, and whether memory stays flat over ten epochs.
/// </summary>
internal sealed class LoaderBenchmark : IBench
{
    private const int Pairs = 96;
    private const int Side = 256;
    private const int Epochs = 10;

    public string Name => "loader";

    public string Summary => "Decode, published recipe and targets at 352x352 from 256x256 JPEGs, in samples per second.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("madgnet-loader-");
        try
        {
            CreatePairs(folder.FullName);
            var dataset = new FolderDataset(folder.FullName);
            foreach ((string Name, BatchLoaderOptions Options) variant in new[]
            {
                ("one worker", Options(1)),
                ("all workers, cached", Options(Environment.ProcessorCount) with { CacheBytes = 256 << 20 }),
            })
            {
                Measure(output, variant.Name, new BatchLoader(dataset, variant.Options), cancellationToken);
            }

            double rate = Measure(
                output,
                $"{Environment.ProcessorCount} workers",
                new BatchLoader(dataset, Options(Environment.ProcessorCount)),
                cancellationToken);
            double training = MeasureTraining(cancellationToken);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{"network's own training",-20} {training,7:F1} samples/s (published configuration, float32, 352x352, batch 2): the "
                    + $"loader is {rate / training:F0} times as fast"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench loader throughput: {rate:F1} samples/s"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static BatchLoaderOptions Options(int workers) =>
        new() { BatchSize = 16, Transform = PublishedRecipe.Training(), Workers = workers };

    private static double Measure(TextWriter output, string name, BatchLoader loader, CancellationToken cancellationToken)
    {
        var rates = new List<double>();
        var memory = new List<double>();
        for (int epoch = 0; epoch <= Epochs; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            foreach (Batch batch in loader.Epoch(epoch, cancellationToken))
            {
                batch.Dispose();
            }

            // The first epoch compiles and fills the caches of the file system.
            if (epoch > 0)
            {
                rates.Add(loader.SampleCount / Stopwatch.GetElapsedTime(start).TotalSeconds);
                memory.Add(GC.GetTotalMemory(forceFullCollection: true) / (double)(1 << 20));
            }
        }

        double median = rates.Order().ElementAt(rates.Count / 2);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-20} {median,7:F1} samples/s (epochs {rates.Min():F1} … {rates.Max():F1}), managed memory {memory[0]:F1} MB after "
                + $"the first, {memory[^1]:F1} MB after the last, working set {Environment.WorkingSet >> 20} MB"));
        return median;
    }

    /// <summary>Samples a second that the published network is trained with on this machine, the median of a few steps.</summary>
    private static double MeasureTraining(CancellationToken cancellationToken)
    {
        using var model = new MadgNetModel();
        using var optimizer = optim.Adam(model.parameters(), 1e-4);
        var loss = new DeepSupervisionLoss();
        using Tensor images = rand(2, 3, 352, 352);
        using Tensor region = zeros(2, 1, 352, 352);
        using TaskMaps targets = SupervisionTargets.FromRegion(region);
        var rates = new List<double>();
        for (int step = 0; step <= 3; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            using (DisposeScope scope = NewDisposeScope())
            {
                optimizer.zero_grad();
                SegmentationOutput output = model.call(images);
                loss.Compute(output.Stages, targets).Total.backward();
                optimizer.step();
            }

            // The first step takes the memory from the system.
            if (step > 0)
            {
                rates.Add(2 / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        return rates.Order().ElementAt(rates.Count / 2);
    }

    /// <summary>Smooth coloured blobs with some texture: JPEG files of the size that real ones of 256×256 have (10 to 20 KB).</summary>
    private static void CreatePairs(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "masks"));
        for (int i = 0; i < Pairs; i++)
        {
            var random = new Random(i);
            using var bitmap = new SKBitmap(Side, Side, SKColorType.Rgba8888, SKAlphaType.Opaque);
            var mask = new byte[Side * Side];
            (double centerX, double centerY, double radius) = (random.Next(64, 192), random.Next(64, 192), random.Next(24, 60));
            for (int y = 0; y < Side; y++)
            {
                for (int x = 0; x < Side; x++)
                {
                    double distance = Math.Sqrt(Math.Pow(x - centerX, 2) + Math.Pow((y - centerY) * 1.3, 2));
                    bool inside = distance < radius;
                    double shade = 120 + (60 * Math.Sin((x + i) / 23.0) * Math.Cos(y / 31.0)) + (inside ? 50 : 0) + random.Next(-12, 13);
                    bitmap.SetPixel(x, y, new SKColor(Level(shade + 40), Level(shade * 0.6), Level(shade * 0.5)));
                    mask[(y * Side) + x] = inside ? (byte)255 : (byte)0;
                }
            }

            using SKData data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
            using (FileStream file = File.Create(Path.Combine(folder, "images", $"{i:000}.jpg")))
            {
                data.SaveTo(file);
            }

            ImageWriter.Write(new PixelImage(Side, Side, 1, mask), Path.Combine(folder, "masks", $"{i:000}.png"));
        }
    }

    private static byte Level(double value) => (byte)Math.Clamp(value, 0, 255);
}
