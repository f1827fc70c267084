using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Draws RGB TIFFs of 20,000×20,000 pixels, segments them window by window with a tiny network on TorchSharp, looks at the
/// process's peak memory, compares the masks with what was drawn, and cancels a run half-way.
/// </summary>
internal sealed class BigTiffSoak : ISoak
{
    private const int Side = 20_000;
    private const int Block = 8;
    private const long Allowed = 2L << 30;

    public string Name => "bigtiff";

    public string Summary => "Segments TIFFs of 20,000x20,000 (in turn strips, LZW tiles) in windows; at most 2 GiB beyond the model.";

    public int DefaultCount => 2;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("madgnet-bigtiff-");
        try
        {
            bool held = true;
            for (int i = 0; i < count && held; i++)
            {
                held = RunOne(i % 2 == 0, folder.FullName, output, cancellationToken);
            }

            return held;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool RunOne(bool strips, string folder, TextWriter output, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, "slide.tif");
        string mask = Path.Combine(folder, "mask.tif");
        var watch = Stopwatch.StartNew();
        Draw(path, strips, cancellationToken);
        TimeSpan drawn = watch.Elapsed;

        using var predictor = new BlockPredictor();
        predictor.Predict(new FloatImage(3, 512, 512));
        GC.Collect();
        long before = Process.GetCurrentProcess().WorkingSet64;
        long peak = before;
        long tiles = 0;
        watch.Restart();
        using (TiffImageSource source = TiffImageSource.Open(path))
        using (TiffSink sink = TiffSink.Mask(mask))
        {
            predictor.PredictLarge(
                source,
                [sink],
                new Immediate(progress =>
                {
                    tiles = progress.Done;
                    using var process = Process.GetCurrentProcess();
                    peak = Math.Max(peak, process.WorkingSet64);
                }),
                cancellationToken);
        }

        TimeSpan taken = watch.Elapsed;
        int wrong = Compare(mask);
        bool cancelled = Cancel(predictor, path, Path.Combine(folder, "cancelled.tif"), cancellationToken);
        bool clean = Directory.GetFiles(folder).Length == 2;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(strips ? "strips, uncompressed" : "tiles, LZW")}: {new FileInfo(path).Length / 1048576.0:F0} MB file drawn in "
                + $"{drawn.TotalSeconds:F0} s, {tiles} tiles in {taken.TotalSeconds:F0} s, mask of "
                    + $"{new FileInfo(mask).Length / 1048576.0:F0} MB; working set {before / 1048576.0:F0} MB before, "
                        + $"{peak / 1048576.0:F0} MB at most, {(peak - before) / 1048576.0:F0} MB more ({Allowed / 1048576} MB "
                            + $"allowed); {wrong} wrong pixels of 2,000,000; cancelled: {cancelled}, nothing left behind: {clean}."));
        File.Delete(path);
        File.Delete(mask);
        return peak - before <= Allowed && wrong == 0 && cancelled && clean;
    }

    /// <summary>Discs that are bright in steps of the network's blocks, on a pattern that is dark.</summary>
    private static bool Inside(int x, int y)
    {
        int column = ((x / Block * Block) % 616) - 300;
        int row = ((y / Block * Block) % 504) - 250;
        return (column * column) + (row * row) < 40_000 && (x / 616 * 7) + (y / 504 * 3) % 5 != 1;
    }

    private static void Fill(Span<byte> row, int left, int y)
    {
        for (int x = 0; x < row.Length / 3; x++)
        {
            int noise = (((left + x) * 13) ^ (y * 7)) & 31;
            int value = left + x < Side && y < Side && Inside(left + x, y) ? 170 : 40;
            row[x * 3] = (byte)(value + noise);
            row[(x * 3) + 1] = (byte)value;
            row[(x * 3) + 2] = (byte)(value + 40 - noise);
        }
    }

    private static void Draw(string path, bool strips, CancellationToken cancellationToken)
    {
        using Tiff tiff = Tiff.Open(path, "w");
        tiff.SetField(TiffTag.IMAGEWIDTH, Side);
        tiff.SetField(TiffTag.IMAGELENGTH, Side);
        tiff.SetField(TiffTag.BITSPERSAMPLE, 8);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, 3);
        tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.RGB);
        tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
        if (strips)
        {
            tiff.SetField(TiffTag.COMPRESSION, Compression.NONE);
            tiff.SetField(TiffTag.ROWSPERSTRIP, 16);
            var row = new byte[Side * 3];
            for (int y = 0; y < Side; y++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Fill(row, 0, y);
                tiff.WriteScanline(row, y);
            }
        }
        else
        {
            tiff.SetField(TiffTag.COMPRESSION, Compression.LZW);
            tiff.SetField(TiffTag.TILEWIDTH, 256);
            tiff.SetField(TiffTag.TILELENGTH, 256);
            var tile = new byte[256 * 256 * 3];
            for (int top = 0; top < Side; top += 256)
            {
                for (int left = 0; left < Side; left += 256)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    for (int y = 0; y < 256; y++)
                    {
                        Fill(tile.AsSpan(y * 256 * 3, 256 * 3), left, top + y);
                    }

                    tiff.WriteTile(tile, left, top, 0, 0);
                }
            }
        }

        tiff.WriteDirectory();
    }

    /// <summary>Looks at a hundred rows of the mask.</summary>
    private static int Compare(string mask)
    {
        int wrong = 0;
        using TiffImageSource source = TiffImageSource.Open(mask);
        for (int y = 57; y < Side; y += 200)
        {
            ReadOnlySpan<byte> row = source.Read(0, y, Side, 1).Bytes;
            for (int x = 0; x < Side; x++)
            {
                wrong += row[x] == (Inside(x, y) ? 255 : 0) ? 0 : 1;
            }
        }

        return wrong;
    }

    private static bool Cancel(BlockPredictor predictor, string path, string target, CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using TiffImageSource source = TiffImageSource.Open(path);
        using TiffSink sink = TiffSink.Mask(target);
        try
        {
            predictor.PredictLarge(source, [sink], new Immediate(progress => CancelAt(progress, cancellation)), cancellation.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static void CancelAt(PredictionProgress progress, CancellationTokenSource cancellation)
    {
        if (progress.Done > progress.Total / 20)
        {
            cancellation.Cancel();
        }
    }

    private sealed class Immediate(Action<PredictionProgress> report) : IProgress<PredictionProgress>
    {
        public void Report(PredictionProgress value) => report(value);
    }

    /// <summary>The tiniest network: the mean of each block of 8×8 pixels over all channels, compared with a half.</summary>
    private sealed class BlockPredictor : SegmentationPredictor
    {
        public BlockPredictor()
            : base(
                new NetworkDescription { Stride = Block },
                new PredictorOptions { Tiles = new TileOptions { Size = (512, 512), Overlap = 128 } })
        {
        }

        protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            using Scalar gain = 20.0.ToScalar();
            using Scalar middle = (-0.5).ToScalar();
            Tensor input = empty([count, 3, height, width], ScalarType.Float32);
            input.bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(images), images.Length));
            Tensor blocks = nn.functional.avg_pool2d(input, Block, stride: Block)
                .mean([1], keepdim: true)
                .add_(middle)
                .mul_(gain)
                .sigmoid_();
            Tensor full = nn.functional.interpolate(blocks, [height, width], mode: InterpolationMode.Nearest);
            full.contiguous().bytes.CopyTo(MemoryMarshal.AsBytes(probabilities));
        }
    }
}
