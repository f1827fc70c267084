using System.IO.Compression;
using System.Text;
using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using SkiaSharp;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>Everything that the library reads, with good inputs to start from.</summary>
internal static class FuzzCorpus
{
    /// <summary>Smaller than the library's limit, so that a header that lies costs little time and memory here.</summary>
    private const int LargestPixels = 16_000_000;

    /// <summary>Parts of the names of the targets that a run is limited to, parted by commas.</summary>
    private const string OnlyVariable = "MADGNET_FUZZ_ONLY";

    private static string Fixtures => Path.Combine(AppContext.BaseDirectory, "fixtures");

    /// <summary>The targets; their corpus is made in a folder that the caller removes.</summary>
    public static IReadOnlyList<FuzzTarget> Create(string folder)
    {
        (string, byte[])[] images = [.. Images(folder)];
        (string, byte[])[] masks = [.. images.Where(image => image.Item1 is ".png" or ".tif" or ".gif")];
        string image = Path.Combine(folder, "good.png");
        ImageWriter.Write(Picture(3), image);
        string mask = Path.Combine(folder, "mask.png");
        ImageWriter.Write(Picture(1), mask);
        var reading = new ImageReadOptions { MaximumPixels = LargestPixels };
        var reader = new ImageReader(reading);
        FuzzTarget[] all =
        [
            new FuzzTarget(
                "image", images, false, (path, bytes) => _ = reader.Read(path).ToFloat(ImageChannels.Rgb, IntensityWindow.MinMax)),
            new FuzzTarget(
                "image indices",
                masks,
                false,
                (path, bytes) => _ = reader.Decode(bytes, "input", reading with { PaletteIndices = true }).ToGray()),
            .. MedicalTargets.Create(Path.Combine(Fixtures, "medical")),
            new FuzzTarget("window", [.. images.Where(image => image.Item1 == ".tif")], false, (path, bytes) =>
            {
                using TiffImageSource source = TiffImageSource.Open(path);
                int width = Math.Min(source.Width, 64);
                int height = Math.Min(source.Height, 64);
                _ = source.Read(source.Width - width, source.Height - height, width, height).Width;
            }),
            new FuzzTarget("mask", [.. Masks()], false, (path, bytes) =>
            {
                var pairs = new FolderDataset([("pair", new SampleFiles(image, [path]))], new FolderDatasetOptions { Reader = reader });
                _ = pairs.Load(0).BinaryMask(0);
            }),
            new FuzzTarget("table", [
                (".csv", "image,mask,name\ngood.png,mask.png,one\n\"good.png\",\"mask.png|mask.png\",two\n"u8.ToArray()),
                (".csv", "file\tmask_a\tmask_b\r\ngood.png\tmask.png\tmask.png\r\n"u8.ToArray())
            ], true, (path, bytes) =>
            {
                FolderDataset dataset = FolderDataset.FromTable(path, folder, new FolderDatasetOptions { Reader = reader });
                _ = dataset.Load(0);
            }),
            new FuzzTarget(
                "split",
                [(".csv",
                    "part,name\ntrain,one\ntrain,\"two, and a half\"\nvalidation,three\n"u8.ToArray()), (".csv",
                    "name;part\none;train\ntwo;test\n"u8.ToArray())],
                true,
                (path, bytes) => _ = DatasetSplit.Load(path).Parts),
            new FuzzTarget(
                "list",
                [(".txt", "one\ntwo\nthree\n\nfour.png\n"u8.ToArray())],
                true,
                (path, bytes) => _ = DatasetSplit.FromLists(("train", path)).NamesOf("train")),
            new FuzzTarget(
                "options",
                [(".json",
                    Encoding.UTF8.GetBytes(new MadgNetOptions { LabelNames = ["cup", "disc"], Labels = 2 }.ToJson())), (".json",
                        Encoding.UTF8.GetBytes(SmallModel.Options.ToJson()))],
                true,
                (path, bytes) => _ = MadgNetOptions.FromJson(Encoding.UTF8.GetString(bytes)).ToJson()),
            new FuzzTarget(
                "report", [(".json", Report(folder))], true, (path, bytes) => _ = EvaluationReport.LoadJson(path).Summarize(Metric.Dice)),
            new FuzzTarget("threshold", [(".json", Selection(folder))], true, (path, bytes) => _ = ThresholdSelection.LoadJson(path)),
            new FuzzTarget("weights", [.. Checkpoints()], false, ReadWeights),
            new FuzzTarget("model", [(".safetensors", Model(folder))], false, (path, bytes) =>
            {
                using SmallModel.Encoder encoder = new();
                using MadgNetModel model = MadgNetModel.Load(path, encoder);
            }),
            new FuzzTarget("manifest", [(".json", Manifest())], true, (path, bytes) => _ = RunManifest.Load(path).Seed),
            new FuzzTarget("npy", [.. Arrays()], false, (path, bytes) => _ = NpyFile.Read(path).Values.Length),
            OnnxFuzz.Create(),
            CommandLineFuzz.Create(),
            FileKindFuzz.Create(),
            TiffTagsFuzzing.Create(folder),
            PredictionFuzzing.Create(folder, Arrays(), Masks()),
            SplitOfDatasetFuzzing.Create(),
            CheckpointFieldsFuzzing.Create(),
            PickleFuzzing.Create(Fixtures),
            new FuzzTarget("colour", [(".txt", "#D55E00"u8.ToArray())], true, (path, bytes) =>
            {
                try
                {
                    _ = RgbColor.Parse(Encoding.UTF8.GetString(bytes));
                }
                catch (FormatException)
                {
                    // What the method documents.
                }
            }),
        ];
        string[] only = (Environment.GetEnvironmentVariable(OnlyVariable) ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. all.Where(target =>
            only.Length == 0 || Array.Exists(only, part => target.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))];
    }

    private static void ReadWeights(string path, byte[] bytes)
    {
        using WeightArchive archive = WeightArchive.Open(path);
        foreach (string name in archive.Names)
        {
            using Tensor tensor = archive.Load(name);
            if (!archive.Tensors[name].Shape.SequenceEqual(tensor.shape))
            {
                throw new InvalidOperationException($"'{name}' has another shape than the archive says.");
            }
        }
    }

    private static IEnumerable<(string, byte[])> Images(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Fixtures, "images")).Order(StringComparer.Ordinal))
        {
            if (new FileInfo(path).Length > 100)
            {
                yield return (Path.GetExtension(path), File.ReadAllBytes(path));
            }
        }

        foreach (int channels in (int[])[1, 3, 4])
        {
            yield return (".png", Bytes(stream => ImageWriter.Write(Picture(channels), stream)));
            yield return (".png",
                Bytes(stream => ImageWriter.Write(new PixelImage(19, 13, channels, new ushort[19 * 13 * channels]), stream)));
        }

        yield return (".png",
            Bytes(stream => ImageWriter.WritePalette(
                new PixelImage(7, 5, 1, [.. Enumerable.Range(0, 35).Select(i => (byte)(i % 3))]),
                [(0, 0, 0), (255, 0, 0), (0, 255, 0)],
                stream)));
        yield return (".png", Interlaced());
        foreach (SKEncodedImageFormat format in (SKEncodedImageFormat[])[SKEncodedImageFormat.Jpeg, SKEncodedImageFormat.Webp])
        {
            using var bitmap = new SKBitmap(33, 21, SKColorType.Rgba8888, SKAlphaType.Opaque);
            for (int i = 0; i < 33 * 21; i++)
            {
                bitmap.SetPixel(i % 33, i / 33, new SKColor((byte)(i * 7), (byte)(i * 3), (byte)i));
            }

            using SKData data = bitmap.Encode(format, 85);
            yield return (format == SKEncodedImageFormat.Jpeg ? ".jpg" : ".webp", data.ToArray());
        }

        yield return (".gif", Gif());
        foreach (Compression compression in (Compression[])[
            Compression.NONE,
            Compression.LZW,
            Compression.ADOBE_DEFLATE,
            Compression.PACKBITS
        ])
        {
            yield return (".tif", Tiff(folder, compression, tiled: false, bits: 8));
            yield return (".tif", Tiff(folder, compression, tiled: true, bits: 16));
        }
    }

    /// <summary>Masks of the size of the image that they are read for.</summary>
    private static IEnumerable<(string, byte[])> Masks()
    {
        foreach (int channels in (int[])[1, 3, 4])
        {
            yield return (".png", Bytes(stream => ImageWriter.Write(Picture(channels), stream)));
        }

        yield return (".png",
            Bytes(stream => ImageWriter.Write(
                new PixelImage(24, 16, 1, [.. Enumerable.Range(0, 24 * 16).Select(i => (ushort)(i % 2 * 65535))]), stream)));
        yield return (".png",
            Bytes(stream => ImageWriter.WritePalette(new PixelImage(24, 16, 1, new byte[24 * 16]), [(0, 0, 0), (255, 255, 255)], stream)));
    }

    private static PixelImage Picture(int channels) =>
        new(24, 16, channels, [.. Enumerable.Range(0, 24 * 16 * channels).Select(i => (byte)(i % 24 / 12 * 255))]);

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    /// <summary>An 8×8 grey image in the seven passes of Adam7, all rows of them empty.</summary>
    private static byte[] Interlaced()
    {
        int[] rows = [1, 1, 1, 2, 2, 4, 4];
        int[] widths = [1, 1, 2, 2, 4, 4, 8];
        byte[] raw = [.. rows.Zip(widths).SelectMany(pass => Enumerable.Range(0, pass.First * (pass.Second + 1)).Select(_ => (byte)0))];
        byte[] plain = Bytes(stream => ImageWriter.Write(new PixelImage(8, 8, 1, new byte[64]), stream));
        byte[] packed = Bytes(stream =>
        {
            using var deflater = new ZLibStream(stream, CompressionLevel.Optimal, leaveOpen: true);
            deflater.Write(raw);
        });
        return
        [
            .. plain.Take(8),
            .. Chunk("IHDR", [0, 0, 0, 8, 0, 0, 0, 8, 8, 0, 0, 0, 1]),
            .. Chunk("IDAT", packed),
            .. Chunk("IEND", []),
        ];
    }

    private static byte[] Chunk(string type, byte[] body)
    {
        byte[] inner = [.. Encoding.ASCII.GetBytes(type), .. body];
        uint checksum = Crc32.Compute(inner);
        return [
            0,
            0,
            (byte)(body.Length >> 8),
            (byte)body.Length,
            .. inner,
            (byte)(checksum >> 24),
            (byte)(checksum >> 16),
            (byte)(checksum >> 8),
            (byte)checksum
        ];
    }

    /// <summary>
    /// A GIF of 4×4 pixels in four colours whose codes are never longer than three bits (GIF89a; LZW with a clear code before every third
    /// pixel).
    /// </summary>
    private static byte[] Gif()
    {
        var codes = new List<int>();
        for (int i = 0; i < 16; i++)
        {
            if (i % 3 == 0)
            {
                codes.Add(4);
            }

            codes.Add(i % 4);
        }

        codes.Add(5);
        var packed = new byte[((codes.Count * 3) + 7) / 8];
        for (int i = 0; i < codes.Count * 3; i++)
        {
            packed[i / 8] |= (byte)(((codes[i / 3] >> (i % 3)) & 1) << (i % 8));
        }

        return
        [
            .. "GIF89a"u8, 4, 0, 4, 0, 0xF1, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255,
            0x21, 0xF9, 4, 1, 0, 0, 3, 0,
            0x2C, 0, 0, 0, 0, 4, 0, 4, 0, 0, 2, (byte)packed.Length, .. packed, 0, 0x3B,
        ];
    }

    private static byte[] Tiff(string folder, Compression compression, bool tiled, int bits)
    {
        string path = Path.Combine(folder, "corpus.tif");
        using (Tiff tiff = BitMiracle.LibTiff.Classic.Tiff.Open(path, "w"))
        {
            const int Width = 40;
            const int Height = 24;
            tiff.SetField(TiffTag.IMAGEWIDTH, Width);
            tiff.SetField(TiffTag.IMAGELENGTH, Height);
            tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            tiff.SetField(TiffTag.SAMPLESPERPIXEL, tiled ? 1 : 3);
            tiff.SetField(TiffTag.PHOTOMETRIC, tiled ? Photometric.MINISBLACK : Photometric.RGB);
            tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
            tiff.SetField(TiffTag.COMPRESSION, compression);
            if (tiled)
            {
                tiff.SetField(TiffTag.TILEWIDTH, 16);
                tiff.SetField(TiffTag.TILELENGTH, 16);
                byte[] tile = [.. Enumerable.Range(0, 16 * 16 * bits / 8).Select(i => (byte)(i % 251))];
                for (int i = 0; i < 6; i++)
                {
                    tiff.WriteEncodedTile(i, tile, tile.Length);
                }
            }
            else
            {
                tiff.SetField(TiffTag.ROWSPERSTRIP, 8);
                byte[] row = [.. Enumerable.Range(0, Width * 3 * bits / 8).Select(i => (byte)(i / 5))];
                for (int y = 0; y < Height; y++)
                {
                    tiff.WriteScanline(row, y);
                }
            }
        }

        return File.ReadAllBytes(path);
    }

    private static byte[] Report(string folder)
    {
        string path = Path.Combine(folder, "corpus.json");
        new Evaluator().Evaluate(Cases()).SaveJson(path);
        return File.ReadAllBytes(path);
    }

    private static byte[] Manifest() => Encoding.UTF8.GetBytes(new RunManifest
    {
        Seed = 1,
        Model = new ManifestModel(
            MadgNetModel.ArchitectureName, "small", SmallModel.Options.Input, SmallModel.Options.Labels, [], SmallModel.Options.ToJson()),
        Parameters = 10,
        Trainer = new Dictionary<string, string> { ["Epochs"] = "3" },
        TrainingLoader = new Dictionary<string, string> { ["BatchSize"] = "4" },
        Data = [],
        Sessions = [],
        BestMonitored = 0.5,
    }.ToJson());

    private static byte[] Selection(string folder)
    {
        string path = Path.Combine(folder, "corpus.json");
        ThresholdSweep.Run("validation", Cases()).Selection.SaveJson(path);
        return File.ReadAllBytes(path);
    }

    private static IEnumerable<EvaluationCase> Cases()
    {
        for (int i = 0; i < 2; i++)
        {
            var probability = new FloatImage(1, 8, 8);
            var truth = new FloatImage(1, 8, 8);
            for (int j = 0; j < 64; j++)
            {
                probability.Data[j] = (j + i) % 8 / 8f;
                truth.Data[j] = j % 8 / 4;
            }

            yield return new EvaluationCase($"case {i}", probability, [truth]);
        }
    }

    private static IEnumerable<(string, byte[])> Checkpoints() =>
        from path in Directory.EnumerateFiles(Path.Combine(Fixtures, "checkpoints")).Order(StringComparer.Ordinal)
        where !path.EndsWith(".json", StringComparison.Ordinal)
        select (Path.GetExtension(path), File.ReadAllBytes(path));

    private static byte[] Model(string folder)
    {
        string path = Path.Combine(folder, "corpus.safetensors");
        using MadgNetModel model = SmallModel.Create();
        model.Save(path);
        return File.ReadAllBytes(path);
    }

    private static IEnumerable<(string, byte[])> Arrays()
    {
        yield return (".npy", Bytes(stream => NpyFile.Write(new FloatImage(2, 3, 4), stream)));
        yield return (".npy", Bytes(stream => NpyFile.Write(new NpyArray([5], new float[5]), stream)));
        byte[] text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"u8.ToArray();
        yield return (".npy", [0x93, .. "NUMPY"u8, 3, 0, (byte)text.Length, 0, 0, 0, .. text, .. new byte[32]]);
    }

    /// <summary>A whole network of a few thousand weights.</summary>
    private static class SmallModel
    {
        private static readonly FeatureLevel[] Levels = [new(4, 2), new(6, 4), new(8, 8)];

        public static MadgNetOptions Options { get; } = new()
        {
            Encoder = EncoderNames.Custom,
            SkipChannels = 4,
            DecoderChannels = [8, 8],
            DctSizes = [7, 7],
            Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 2, MinimumChannels = 4, MinimumResolution = 2 },
        };

        public static MadgNetModel Create() => new(Options, new Encoder());

        public sealed class Encoder : nn.Module, IEncoder
        {
            [ComponentName(Name = "levels")]
            private readonly ModuleList<Conv2d> _levels = new();

            public Encoder()
                : base(nameof(Encoder))
            {
                foreach (FeatureLevel level in Levels)
                {
                    _levels.Add(nn.Conv2d(3, level.Channels, 1, bias: false));
                }

                RegisterComponents();
            }

            public long InputChannels => 3;

            public IReadOnlyList<FeatureLevel> Levels => SmallModel.Levels;

            public IReadOnlyList<Tensor> Encode(Tensor image) =>
                [.. Levels.Select((level, i) => _levels[i].call(nn.functional.avg_pool2d(image, level.Stride, stride: level.Stride)))];
        }
    }
}
