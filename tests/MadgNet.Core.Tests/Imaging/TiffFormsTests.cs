using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>
/// Generated files of all combinations of tags: the whole image and windows of it must be what the stored samples mean, whatever
/// way they lie in the file. The expected pixels are computed here from the samples alone.
/// </summary>
public class TiffFormsTests
{
    private const int Width = 37;
    private const int Height = 21;

    public static TheoryData<int, int, Photometric, string> Meanings() => new()
    {
        { 1, 1, Photometric.MINISBLACK, "" },
        { 1, 1, Photometric.MINISWHITE, "" },
        { 2, 1, Photometric.MINISBLACK, "" },
        { 4, 1, Photometric.MINISWHITE, "" },
        { 8, 1, Photometric.MINISBLACK, "" },
        { 8, 1, Photometric.MINISWHITE, "" },
        { 8, 2, Photometric.MINISBLACK, "alpha" },
        { 12, 1, Photometric.MINISBLACK, "" },
        { 12, 3, Photometric.RGB, "" },
        { 10, 1, Photometric.MINISWHITE, "" },
        { 16, 1, Photometric.MINISBLACK, "" },
        { 16, 1, Photometric.MINISWHITE, "" },
        { 16, 1, Photometric.MINISBLACK, "signed" },
        { 16, 2, Photometric.MINISBLACK, "alpha" },
        { 4, 3, Photometric.RGB, "" },
        { 8, 3, Photometric.RGB, "" },
        { 8, 4, Photometric.RGB, "alpha" },
        { 8, 4, Photometric.RGB, "premultiplied" },
        { 8, 4, Photometric.RGB, "unspecified" },
        { 8, 5, Photometric.RGB, "alpha" },
        { 16, 3, Photometric.RGB, "" },
        { 16, 4, Photometric.RGB, "premultiplied" },
        { 1, 1, Photometric.PALETTE, "" },
        { 4, 1, Photometric.PALETTE, "" },
        { 8, 1, Photometric.PALETTE, "" },
        { 8, 1, Photometric.PALETTE, "indices" },
        { 8, 2, Photometric.PALETTE, "alpha" },
        { 8, 1, Photometric.PALETTE, "8-bit palette" },
        { 16, 1, Photometric.PALETTE, "" },
        { 16, 1, Photometric.PALETTE, "indices" },
        { 8, 4, Photometric.SEPARATED, "" },
        { 16, 4, Photometric.SEPARATED, "" },
    };

    [Theory]
    [MemberData(nameof(Meanings))]
    public void Pixels_are_the_same_in_every_form(int bits, int samples, Photometric photometric, string kind)
    {
        using var folder = new TemporaryFolder();
        TiffSamplesForm meaning = Meaning(bits, samples, photometric, kind);
        var random = new Random(bits + samples);
        int[] stored = [.. Enumerable.Range(0, Width * Height * samples).Select(_ => random.Next(1 << bits))];
        PixelImage upright = Expected(stored, meaning, kind);
        var options = new ImageReadOptions { PaletteIndices = kind == "indices" };
        var reader = new ImageReader();
        int number = 0;
        foreach (TiffFileForm each in Forms(meaning))
        {
            // A palette of 65536 colours takes longer than all else: every third form has to do.
            if (meaning.Palette is { Length: > 1000 } && number++ % 3 != 0)
            {
                continue;
            }

            TiffFileForm form = each with { Orientation = 1 + (number++ % 8) };
            byte[] file = TiffForge.Write(stored, Width, Height, meaning, form);
            PixelImage expected = Turned(upright, form.Orientation);
            Same(expected, reader.Decode(file, $"{form}", options), form);
            if (kind == "indices")
            {
                continue;
            }

            string path = folder.Write("x.tif", file);
            using TiffImageSource source = TiffImageSource.Open(path);
            Assert.Equal((expected.Width, expected.Height), (source.Width, source.Height));
            Assert.Equal((expected.Channels, expected.BitDepth), (source.Channels, source.BitDepth));
            Same(expected, source.Read(0, 0, source.Width, source.Height), form);
            Same(expected.Crop(3, 2, 15, 17), source.Read(3, 2, 15, 17), form);
            Same(expected.Crop(source.Width - 1, source.Height - 1, 1, 1), source.Read(source.Width - 1, source.Height - 1, 1, 1), form);
        }

        Assert.InRange(number, 36, 500);
    }

    /// <summary>All ways in which samples may lie in a file.</summary>
    internal static IEnumerable<TiffFileForm> Forms(TiffSamplesForm meaning) =>
        from order in (bool[])[false, true]
        from big in (bool[])[false, true]
        where !(order && big)
        from tile in (int?[])[null, 16]
        from rows in tile is null ? (int[])[5, 1000] : [0]
        from separate in meaning.Samples > 1 ? (bool[])[false, true] : [false]
        from reversed in (bool[])[false, true]
        from compression in (Compression[])[Compression.NONE, Compression.PACKBITS, Compression.LZW, Compression.ADOBE_DEFLATE]
        from predictor in compression is Compression.LZW or Compression.ADOBE_DEFLATE && meaning.Bits is 8 or 16
            ? (bool[])[false, true]
            : [false]
        select new TiffFileForm
        {
            BigEndian = order,
            BigTiff = big,
            Tile = tile,
            Rows = rows,
            Separate = separate,
            ReversedBits = reversed,
            Compression = compression,
            Predictor = predictor,
        };

    private static TiffSamplesForm Meaning(int bits, int samples, Photometric photometric, string kind) =>
        new(bits, samples, photometric)
        {
            Signed = kind == "signed",
            Extra = kind switch
            {
                "alpha" when samples == 5 => [2, 0],
                "alpha" => [2],
                "premultiplied" => [1],
                "unspecified" => [0],
                _ => null,
            },
            Palette = photometric == Photometric.PALETTE ? Palette(bits, kind) : null,
        };

    private static ushort[] Palette(int bits, string kind)
    {
        int count = 1 << bits;
        int scale = kind == "8-bit palette" ? 1 : 256;
        return [.. Enumerable.Range(0, 3 * count).Select(i => (ushort)(((i * 37) + (i / count * 11)) % 256 * scale))];
    }

    /// <summary>What the samples mean, in the rows and columns of the file.</summary>
    private static PixelImage Expected(int[] stored, TiffSamplesForm meaning, string kind)
    {
        int most = (1 << meaning.Bits) - 1;
        bool wide = meaning.Bits > 8;
        double full = wide ? 65535 : 255;
        int channels = meaning.Photometric switch
        {
            Photometric.MINISBLACK or Photometric.MINISWHITE => 1,
            Photometric.PALETTE when kind == "indices" => 1,
            Photometric.RGB when kind is "alpha" or "premultiplied" => 4,
            _ => 3,
        };
        var values = new List<int>();
        for (int i = 0; i < stored.Length; i += meaning.Samples)
        {
            ReadOnlySpan<int> pixel = stored.AsSpan(i, meaning.Samples);
            for (int c = 0; c < channels; c++)
            {
                int widened = (int)Math.Round(pixel[Math.Min(c, pixel.Length - 1)] * full / most, MidpointRounding.AwayFromZero);
                values.Add(meaning.Photometric switch
                {
                    Photometric.PALETTE when kind == "indices" => pixel[0],
                    Photometric.PALETTE => meaning.Palette![(c << meaning.Bits) + pixel[0]] >> (kind == "8-bit palette" ? 0 : 8),
                    Photometric.MINISWHITE => (int)full - widened,
                    Photometric.SEPARATED => (int)((full - pixel[3]) * (full - pixel[c]) / full),
                    _ when meaning.Signed => pixel[0] ^ 0x8000,
                    _ when kind == "premultiplied" && c < 3 && pixel[3] > 0 =>
                        (int)Math.Min(full, Math.Floor((pixel[c] * full / pixel[3]) + 0.5)),
                    _ => widened,
                });
            }
        }

        bool words = wide && !(meaning.Photometric == Photometric.PALETTE && kind != "indices");
        return words
            ? new PixelImage(Width, Height, channels, [.. values.Select(value => (ushort)value)], meaning.Signed ? short.MinValue : 0)
            : new PixelImage(Width, Height, channels, [.. values.Select(value => (byte)value)]);
    }

    /// <summary>The image as it is shown (TIFF 6.0, tag 274: where the stored row 0 and column 0 belong).</summary>
    internal static PixelImage Turned(PixelImage stored, int orientation)
    {
        (int width, int height) = orientation >= 5 ? (stored.Height, stored.Width) : (stored.Width, stored.Height);
        var values = new int[width * height * stored.Channels];
        for (int y = 0; y < stored.Height; y++)
        {
            for (int x = 0; x < stored.Width; x++)
            {
                (int column, int row) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (width - 1 - y, x),
                    7 => (width - 1 - y, height - 1 - x),
                    8 => (y, height - 1 - x),
                    _ => (x, y),
                };
                for (int c = 0; c < stored.Channels; c++)
                {
                    values[(((row * width) + column) * stored.Channels) + c] = stored[x, y, c];
                }
            }
        }

        return stored.BitDepth == 16
            ? new PixelImage(width, height, stored.Channels, [.. values.Select(value => (ushort)value)], stored.Offset)
            : new PixelImage(width, height, stored.Channels, [.. values.Select(value => (byte)value)]);
    }

    internal static void Same(PixelImage expected, PixelImage actual, TiffFileForm form)
    {
        Assert.Equal(
            (expected.Width, expected.Height, expected.Channels, expected.BitDepth, expected.Offset),
            (actual.Width, actual.Height, actual.Channels, actual.BitDepth, actual.Offset));
        bool same = expected.Bytes.SequenceEqual(actual.Bytes) && expected.Words.SequenceEqual(actual.Words);
        Assert.True(same, $"{form}: {First(expected, actual)}");
    }

    private static string First(PixelImage expected, PixelImage actual)
    {
        for (int i = 0; i < expected.Width * expected.Height * expected.Channels; i++)
        {
            (int one, int other) = expected.BitDepth == 8 ? (expected.Bytes[i], actual.Bytes[i]) : (expected.Words[i], actual.Words[i]);
            if (one != other)
            {
                return $"sample {i}: {other} where {one} is expected";
            }
        }

        return "the same";
    }
}
