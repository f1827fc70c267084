using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

public class TiffImageSourceTests
{
    public static TheoryData<string, int?, int, Compression, bool> Forms()
    {
        var data = new TheoryData<string, int?, int, Compression, bool>();
        foreach (string mode in (string[])["w", "wb", "w8"])
        {
            data.Add(mode, 16, 0, Compression.NONE, false);
            data.Add(mode, 16, 0, Compression.ADOBE_DEFLATE, false);
            data.Add(mode, null, 7, Compression.LZW, false);
            data.Add(mode, null, 7, Compression.NONE, false);
            data.Add(mode, null, 1000, Compression.NONE, false);
            data.Add(mode, null, 61, Compression.LZW, false);
            data.Add(mode, 32, 0, Compression.LZW, true);
            data.Add(mode, null, 7, Compression.NONE, true);
            data.Add(mode, null, 7, Compression.PACKBITS, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_window_of_every_form_holds_the_images_pixels(string mode, int? tile, int rows, Compression compression, bool separate)
    {
        using var folder = new TemporaryFolder();
        foreach ((int channels, int bits) in new[] { (1, 8), (3, 8), (4, 8), (1, 16), (3, 16) })
        {
            PixelImage image = Pictures.Pixels(channels, 61, 45, bits: bits);
            string path = folder.File($"{channels}-{bits}.tif");
            LargeTiff.Write(path, image, mode, tile, Math.Clamp(rows, 1, 61), compression, separate && channels > 1);
            using TiffImageSource source = TiffImageSource.Open(path);
            Assert.Equal((45, 61, channels, bits), (source.Width, source.Height, source.Channels, source.BitDepth));
            foreach ((int left, int top, int width, int height) in new[]
            {
                (0, 0, 45, 61),
                (0, 0, 1, 1),
                (44, 60, 1, 1),
                (10, 15, 20, 30),
                (0, 30, 45, 2),
                (3, 0, 40, 61)
            })
            {
                Same(image.Crop(left, top, width, height), source.Read(left, top, width, height));
            }
        }
    }

    [Fact]
    public void Grey_that_is_white_at_zero_and_signed_samples_are_read_as_by_the_image_reader()
    {
        using var folder = new TemporaryFolder();
        var reader = new ImageReader();
        foreach (int bits in (int[])[8, 16])
        {
            string inverted = folder.File($"inverted{bits}.tif");
            LargeTiff.Write(inverted, Pictures.Pixels(1, 20, 20, bits: bits), tile: 16, photometric: Photometric.MINISWHITE);
            using TiffImageSource white = TiffImageSource.Open(inverted);
            Same(reader.Read(inverted), white.Read(0, 0, 20, 20));
        }

        string signed = folder.File("signed.tif");
        LargeTiff.Write(signed, Pictures.Pixels(1, 20, 20, bits: 16), signed: true);
        using TiffImageSource source = TiffImageSource.Open(signed);
        Assert.Equal(short.MinValue, source.Read(0, 0, 1, 1).Offset);
        Same(reader.Read(signed), source.Read(0, 0, 20, 20));
    }

    [Fact]
    public void Jpeg_tiles_in_YCbCr_as_slide_scanners_write_them_become_RGB()
    {
        using var folder = new TemporaryFolder();
        var samples = new byte[64 * 48 * 3];
        for (int i = 0; i < 64 * 48; i++)
        {
            samples[i * 3] = (byte)(i % 64 * 4);
            samples[(i * 3) + 1] = (byte)(i / 64 * 5);
            samples[(i * 3) + 2] = 90;
        }

        var image = new PixelImage(64, 48, 3, samples);
        string path = folder.File("jpeg.tif");
        LargeTiff.Write(path, image, tile: 32, compression: Compression.JPEG, photometric: Photometric.YCBCR);
        using TiffImageSource source = TiffImageSource.Open(path);
        PixelImage window = source.Read(5, 7, 50, 40);
        PixelImage expected = image.Crop(5, 7, 50, 40);
        double error = 0;
        for (int i = 0; i < window.Bytes.Length; i++)
        {
            error += Math.Abs(window.Bytes[i] - expected.Bytes[i]) / (double)window.Bytes.Length;
        }

        // Smooth colours at JPEG's default quality of 75.
        Assert.InRange(error, 0, 4);
    }

    [Fact]
    public void A_window_outside_of_the_image_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.tif");
        LargeTiff.Write(path, Pictures.Pixels(1, 20, 20));
        TiffImageSource source = TiffImageSource.Open(path);
        foreach ((int left, int top, int width, int height) in new[]
        {
            (-1, 0, 1, 1),
            (0, 0, 21, 1),
            (0, 0, 0, 1),
            (20, 0, 1, 1),
            (0, 19, 1, 2),
            (int.MaxValue, 0, int.MaxValue, 1)
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(left, top, width, height));
        }

        source.Dispose();
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => source.Read(0, 0, 1, 1));
    }

    [Fact]
    public void What_is_not_read_by_parts_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.File("missing.tif")));
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.Root));
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.Write("empty.tif", [])));
        Assert.Contains(
            "no TIFF",
            Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.Write("text.tif", "some text"u8))).Message,
            StringComparison.Ordinal);
        string plain = folder.File("plain.tif");
        LargeTiff.Write(plain, Pictures.Pixels(1, 20, 20));
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(plain, 1));
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(plain, int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => TiffImageSource.Open(plain, -1));

        // A file that was refused is not held open.
        File.Delete(plain);
    }

    [Theory]
    [InlineData(16, Compression.LZW)]
    [InlineData(null, Compression.LZW)]
    public void Pixels_that_are_damaged_are_told_with_their_place(int? tile, Compression compression)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.tif");
        LargeTiff.Write(path, Pictures.Pixels(3, 200, 200), tile: tile, compression: compression);
        byte[] content = File.ReadAllBytes(path);

        // LibTiff writes the directory at the end: the pixels fill the first part of the file.
        content.AsSpan(BitConverter.ToInt32(content, 4) / 2, 5000).Clear();
        File.WriteAllBytes(path, content);
        using TiffImageSource source = TiffImageSource.Open(path);
        Assert.Contains("row", Assert.Throws<ImageReadException>(() => source.Read(0, 0, 200, 200)).Message, StringComparison.Ordinal);
        Assert.Equal(10, source.Read(0, 0, 10, 10).Width);
    }

    [Fact]
    public void Uncompressed_rows_that_lie_beyond_the_end_are_told_with_their_place()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.tif");
        LargeTiff.Write(path, Pictures.Pixels(1, 20, 30), rows: 20);
        byte[] content = File.ReadAllBytes(path);
        int directory = BitConverter.ToInt32(content, 4);
        int entries = BitConverter.ToUInt16(content, directory);
        int offsets = Enumerable.Range(0, entries)
            .Select(i => directory + 2 + (12 * i))
            .Single(entry => BitConverter.ToUInt16(content, entry) == 273);
        BitConverter.TryWriteBytes(content.AsSpan(offsets + 8), content.Length - 100);
        File.WriteAllBytes(path, content);
        using TiffImageSource source = TiffImageSource.Open(path);
        Assert.Equal(3, source.Read(0, 0, 30, 3).Height);
        Assert.Contains("row 3 ", Assert.Throws<ImageReadException>(() => source.Read(0, 0, 30, 20)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path + "2", content[..(content.Length / 2)]);
        Assert.Throws<ImageReadException>(() => TiffImageSource.Open(path + "2"));
    }

    [Fact]
    public void Damaged_files_are_answered_with_an_image_exception_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("x.tif");
        var random = new Random(5);
        int refused = 0;
        foreach ((string mode,
            int? tile,
            Compression compression,
            Photometric? photometric) in new (string, int?, Compression, Photometric?)[]
        {
            ("w", 16, Compression.NONE, null),
            ("w8", 16, Compression.ADOBE_DEFLATE, null),
            ("wb", null, Compression.LZW, null),
            ("w", null, Compression.NONE, null),
            ("w", 32, Compression.JPEG, Photometric.YCBCR),
        })
        {
            LargeTiff.Write(path, Pictures.Pixels(3, 40, 40), mode, tile, compression: compression, photometric: photometric);
            byte[] good = File.ReadAllBytes(path);
            for (int trial = 0; trial < 150; trial++)
            {
                byte[] bad = [.. good];

                // Half of the damage goes to the directory, which is at the end and where the contradictions are.
                for (int i = random.Next(1, 6); i > 0; i--)
                {
                    bad[trial % 2 == 0
                        ? random.Next(bad.Length)
                        : random.Next(Math.Max(0, bad.Length - 250), bad.Length)] = (byte)random.Next(256);
                }

                File.WriteAllBytes(path, trial % 10 == 0 ? bad[..random.Next(bad.Length)] : bad);
                try
                {
                    using TiffImageSource source = TiffImageSource.Open(path);
                    PixelImage window = source.Read(0, 0, Math.Min(source.Width, 40), Math.Min(source.Height, 40));
                    Assert.Equal(source.Channels, window.Channels);
                }
                catch (ImageReadException)
                {
                    refused++;
                }
            }
        }

        Assert.InRange(refused, 50, 749);
    }

    private static void Same(PixelImage expected, PixelImage actual)
    {
        Assert.Equal(
            (expected.Width, expected.Height, expected.Channels, expected.BitDepth, expected.Offset),
            (actual.Width, actual.Height, actual.Channels, actual.BitDepth, actual.Offset));
        Assert.True(expected.Bytes.SequenceEqual(actual.Bytes) && expected.Words.SequenceEqual(actual.Words));
    }
}
