using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>TIFF files of real numbers, of integers of 32 bits and of signed ones, as ImageJ, NumPy and CT programs write them.</summary>
public sealed class TiffRealsTests
{
    private const int Width = 37;
    private const int Height = 21;

    /// <summary>The numbers, the bits and kind of their samples, and what they are read as: depth, offset, scale.</summary>
    public static TheoryData<string, int, string, int, int, double> Kinds() => new()
    {
        { "shares", 32, "real", 16, 0, 1.0 / 65535 },
        { "shares", 16, "real", 16, 0, 1.0 / 65535 },
        { "bytes", 32, "real", 8, 0, 1 },
        { "words", 32, "real", 16, 0, 1 },
        { "hounsfield", 32, "real", 16, -32768, 1 },
        { "fractions", 32, "real", 16, -3, 8.0 / 65535 },
        { "bytes", 32, "unsigned", 8, 0, 1 },
        { "words", 32, "unsigned", 16, 0, 1 },
        { "hounsfield", 32, "signed", 16, -32768, 1 },
        { "hounsfield", 16, "signed", 16, -32768, 1 },
        { "small", 8, "signed", 16, -128, 1.0 / 257 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Numbers_are_the_same_in_every_form_and_window(string numbers, int bits, string kind, int depth, int offset, double scale)
    {
        using var folder = new TemporaryFolder();
        foreach (int samples in (int[])[1, 3])
        {
            double[] values = Numbers(numbers, Width * Height * samples);
            int[] stored = [.. values.Select(value => Bits(value, bits, kind))];
            var meaning = new TiffSamplesForm(bits, samples, samples == 1 ? Photometric.MINISBLACK : Photometric.RGB)
            {
                Signed = kind == "signed",
                Real = kind == "real",
            };
            int number = 0;
            foreach (TiffFileForm each in TiffFormsTests.Forms(meaning))
            {
                // LibTiff's horizontal predictor is for integers.
                if (each.Predictor && kind == "real")
                {
                    continue;
                }

                TiffFileForm form = each with { Orientation = 1 + (number++ % 8) };
                byte[] file = TiffForge.Write(stored, Width, Height, meaning, form);
                PixelImage whole = new ImageReader().Decode(file, $"{form}");
                Assert.Equal((depth, offset, samples), (whole.BitDepth, whole.Offset, whole.Channels));
                Assert.Equal(scale, whole.Scale, 1e-9);
                PixelImage upright = depth == 8
                    ? new PixelImage(Width, Height, samples, [.. values.Select(value => (byte)value)])
                    : new PixelImage(
                        Width, Height, samples, [.. values.Select(value => (ushort)Math.Round((value - offset) / scale))], offset);
                TiffFormsTests.Same(TiffFormsTests.Turned(upright, form.Orientation), whole, form);

                if (form.Orientation == 1)
                {
                    Assert.Equal(values[0], (whole[0, 0, 0] * whole.Scale) + whole.Offset, whole.Scale);
                }

                if (number % 5 == 0)
                {
                    using TiffImageSource source = TiffImageSource.Open(folder.Write("x.tif", file));
                    PixelImage window = source.Read(3, 2, 15, 17);
                    TiffFormsTests.Same(whole.Crop(3, 2, 15, 17), window, form);
                    Assert.Equal((source.BitDepth, whole.Scale), (depth, window.Scale));
                }
            }

            Assert.InRange(number, 12, 250);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(3e9f)]
    public void What_is_no_number_or_far_too_large_is_told(float value)
    {
        int[] stored = [.. Enumerable.Repeat(BitConverter.SingleToInt32Bits(0.5f), 12)];
        stored[7] = BitConverter.SingleToInt32Bits(value);
        byte[] file = TiffForge.Write(stored, 4, 3, Floats(1), new TiffFileForm());
        Assert.Contains(
            "a TIFF ", Assert.Throws<ImageReadException>(() => new ImageReader().Decode(file, "x.tif")).Problem.Received,
            StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.Write("x.tif", file)));
    }

    [Fact]
    public void A_window_is_in_the_units_of_the_numbers()
    {
        int[] stored = [.. new[] { -1000f, -600.5f, 150, 3000 }.Select(BitConverter.SingleToInt32Bits)];
        PixelImage image = new ImageReader().Decode(TiffForge.Write(stored, 4, 1, Floats(1), new TiffFileForm()), "x.tif");
        var input = new ModelInput { Channels = 1, Windows = [new InputWindow(-600, 1500)] };
        Assert.Equal([0.2333f, 0.4997f, 1, 1], input.Prepare(image).Data.ToArray(), (a, b) => Math.Abs(a - b) < 1e-3);
    }

    /// <summary>0 and 1, 0 and 255, numbers of classes: in every kind of sample they are the mask that they are in 8 bits.</summary>
    [Theory]
    [InlineData("real", 32)]
    [InlineData("unsigned", 32)]
    [InlineData("signed", 32)]
    [InlineData("signed", 16)]
    [InlineData("signed", 8)]
    public void A_mask_is_what_it_is_in_8_bits(string kind, int bits)
    {
        foreach (int foreground in (int[])[1, 127, 255])
        {
            if (foreground < 1L << (bits - 1))
            {
                Assert.Equal(0.5, Load(kind, bits, [0, foreground], null).Masks[0].Data.ToArray().Average(), 1e-6);
            }
        }

        var labels = new FolderDatasetOptions { Labels = [LabelSource.Indices("a", 1), LabelSource.Indices("b", 2)] };
        Sample sample = Load(kind, bits, [0, 1, 2, 2], labels);
        Assert.Equal([0.25f, 0.5f], sample.Masks.Select(mask => mask.Data.ToArray().Average()));
        Assert.Throws<DatasetException>(() => Load(kind, bits, [0, 1, 2, 2], null));
    }

    [Fact]
    public void A_mask_of_shares_is_soft_and_one_of_negative_numbers_is_refused()
    {
        var soft = new FolderDatasetOptions { Labels = [LabelSource.AllMasks() with { Reading = MaskReading.Soft }] };
        Assert.Equal(0.35, Load("real", 32, [0, 0.2, 0.4, 0.8], soft).Masks[0].Data.ToArray().Average(), 1e-4);
        foreach (string kind in (string[])["real", "signed"])
        {
            Exception refused = Assert.ThrowsAny<MadgNetException>(() => Load(kind, 32, [0, -1], null));
            Assert.Contains("from -1 to 0", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_reported_set_of_real_numbers_is_read()
    {
        var set = new FolderDataset(SharedFolder.Require("cases/tiff-float32"));
        Assert.Equal(3, set.Count);
        Sample sample = set.Load(0);
        Assert.Equal(0.1, sample.Image.Data.ToArray().Min(), 1e-4);
        Assert.Equal(0.9, sample.Image.Data.ToArray().Max(), 1e-4);
        Assert.Equal(1257 / 9216.0, sample.Masks[0].Data.ToArray().Average(), 1e-6);
    }

    /// <summary>A case whose mask repeats the numbers from left to right.</summary>
    private static Sample Load(string kind, int bits, double[] numbers, FolderDatasetOptions? options)
    {
        const int Side = 32;
        using var folder = new TemporaryFolder();
        ImageWriter.Write(Samples.Pixels(Side, Side, 3, (x, y, c) => (byte)(x + (5 * y) + c)), folder.File("images/a.png"));
        int[] stored = [.. Enumerable.Range(0, Side * Side)
            .Select(i => Bits(numbers[i % Side * numbers.Length / Side], bits, kind))];
        var meaning = new TiffSamplesForm(bits, 1, Photometric.MINISBLACK) { Signed = kind == "signed", Real = kind == "real" };
        folder.Write("masks/a.tif", TiffForge.Write(stored, Side, Side, meaning, new TiffFileForm()));
        return new FolderDataset(folder.Root, options).Load(0);
    }

    private static TiffSamplesForm Floats(int samples) => new(32, samples, Photometric.MINISBLACK) { Real = true };

    private static int Bits(double value, int bits, string kind) => (kind, bits) switch
    {
        ("real", 16) => BitConverter.HalfToUInt16Bits((Half)value),
        ("real", _) => BitConverter.SingleToInt32Bits((float)value),
        (_, 8) => (byte)(sbyte)value,
        (_, 16) => (ushort)(short)value,
        _ => (int)(uint)(long)value,
    };

    /// <summary>Numbers of a kind, all of which single and half precision hold exactly where they are written so.</summary>
    private static double[] Numbers(string kind, int count)
    {
        var random = new Random(count);
        double[] values = [.. Enumerable.Range(0, count).Select(_ => kind switch
        {
            "shares" => random.Next(1025) / 1024.0,
            "bytes" => random.Next(256),
            "words" => random.Next(65536),
            "hounsfield" => random.Next(-1024, 3072),
            "small" => random.Next(-128, 128),
            _ => (random.Next(512) / 64.0) - 3,
        })];

        // The ends of the range, which decide, are always there.
        (values[1], values[2]) = kind switch
        {
            "shares" => (0.5, 1),
            "bytes" => (0, 255),
            "words" => (0, 65535),
            "hounsfield" => (-1024, 3071),
            "small" => (-128, 127),
            _ => (-3, 5),
        };
        return values;
    }
}
