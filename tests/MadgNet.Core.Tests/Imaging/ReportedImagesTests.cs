using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>Image files that users have reported as refused, misread, misdiagnosed or expensive.</summary>
public sealed class ReportedImagesTests
{
    private readonly ImageReader _reader = new();

    [Theory]
    [InlineData(34925, "LZMA")]
    [InlineData(50000, "Zstandard")]
    [InlineData(50001, "WebP")]
    [InlineData(50002, "JPEG XL")]
    [InlineData(34712, "JPEG 2000")]
    [InlineData(34887, "LERC")]
    [InlineData(12345, "12345")]
    public void A_compression_that_is_not_read_is_named(int compression, string name)
    {
        byte[] file = Gray(8, 8);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Tag(file, 259)), (ushort)compression);
        ImageReadException error = Assert.Throws<ImageReadException>(() => _reader.Decode(file, "x.tif"));
        Assert.Contains(name, error.Problem.Received, StringComparison.Ordinal);
        Assert.Contains("not damaged: convert", error.Problem.Remedy, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        Assert.Contains(
            name,
            Assert.Throws<ImageReadException>(() => TiffImageSource.Open(folder.Write("x.tif", file))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_BigTIFF_in_big_endian_order_is_named()
    {
        byte[] file = TiffForge.Write(
            new int[16], 4, 4, new TiffSamplesForm(8, 1, Photometric.MINISBLACK), new TiffFileForm { BigEndian = true, BigTiff = true });
        Assert.Contains(
            "big-endian", Assert.Throws<ImageReadException>(() => _reader.Decode(file, "x.tif")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_that_lead_back_into_themselves_are_pages_up_to_there()
    {
        byte[] file = TiffBuilder.Pages([Samples.Disc(8, 6), Samples.Disc(4, 4)]);
        int first = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int second = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(NextPage(file, first)));
        foreach (int target in (int[])[first, second])
        {
            byte[] looped = [.. file];
            BinaryPrimitives.WriteInt32LittleEndian(looped.AsSpan(NextPage(file, second)), target);
            PixelImage image = _reader.Decode(looped, "x.tif");
            Assert.Equal((8, 6, 2), (image.Width, image.Height, image.Pages));
            Assert.Equal(4, _reader.Decode(looped, "x.tif", new ImageReadOptions { Page = 1 }).Width);
            Assert.Contains(
                "of 2 pages",
                Assert.Throws<ImageReadException>(() => _reader.Decode(looped, "x.tif", new ImageReadOptions { Page = 2 })).Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("multipage_single_frame_loop.tiff")]
    [InlineData("multipage_multiple_frame_loop.tiff")]
    public void Reported_loops_are_read_and_end_no_folder(string name)
    {
        byte[] file = File.ReadAllBytes(Fixture.PathOf($"reported/{name}"));
        Assert.Equal(10, _reader.Decode(file, name).Width);
    }

    [Theory]
    [InlineData("crash-2020-10-test.tif")]
    [InlineData("crash-63b1dffefc8c075ddc606c0a2f5fdc15ece78863.tif")]
    public void A_small_file_that_claims_gigabytes_is_refused_before_they_are_allocated(string name)
    {
        byte[] file = File.ReadAllBytes(Fixture.PathOf($"reported/{name}"));
        using var folder = new TemporaryFolder();
        string path = folder.Write("x.tif", file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ImageReadException>(() => _reader.Decode(file, name));
        Assert.Throws<ImageReadException>(() =>
        {
            using TiffImageSource source = TiffImageSource.Open(path);
            _ = source.Read(0, 0, 1, 1);
        });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Theory]
    [InlineData(Compression.NONE)]
    [InlineData(Compression.PACKBITS)]
    [InlineData(Compression.ADOBE_DEFLATE)]
    [InlineData(Compression.LZW)]
    public void A_size_that_no_compression_reaches_is_refused_before_it_is_allocated(Compression compression)
    {
        byte[] file = TiffForge.Write(
            new int[64 * 8],
            64,
            8,
            new TiffSamplesForm(8, 1, Photometric.MINISBLACK),
            new TiffFileForm { Compression = compression, Rows = 8 });
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Tag(file, 256)), 9_999);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Tag(file, 257)), 9_999);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ImageReadException>(() => _reader.Decode(file, "x.tif"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Theory]
    [InlineData(277)]
    [InlineData(266)]
    [InlineData(284)]
    [InlineData(339)]
    public void A_tag_that_claims_more_values_than_the_file_has_bytes_is_refused_at_once(int tag)
    {
        byte[] file = Gray(64, 8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Tag(file, tag) - 4), 1_044_185_089);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "1044185089 values",
            Assert.Throws<ImageReadException>(() => _reader.Decode(file, "x.tif")).Message,
            StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Twelve_bits_of_a_camera_are_read()
    {
        PixelImage image = _reader.Read(Fixture.PathOf("reported/12bit.cropped.tif"));
        Assert.Equal((100, 100, 16), (image.Width, image.Height, image.BitDepth));

        // The first stored values are 8, 9, 0, 0, 2 of 4095, widened to 65535.
        Assert.Equal([128, 144, 0, 0, 32], image.Words[..5].ToArray());
    }

    [Theory]
    [InlineData(1, 2, 1, 0, 1)]
    [InlineData(3, 2, 1, 1, 0)]
    [InlineData(6, 1, 2, 0, 0)]
    [InlineData(8, 1, 2, 0, 1)]
    public void The_orientation_of_a_PNG_is_applied(int orientation, int width, int height, int x, int y)
    {
        // Two pixels, 10 and 200, stored side by side; where is the 200 shown?
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] file = WithChunk(PngBuilder.Build(2, 1, 8, 0, 0, [0, 10, 200]), "eXIf", exif);
        PixelImage image = _reader.Decode(file, "x.png");
        Assert.Equal((width, height), (image.Width, image.Height));
        (int expectedX, int expectedY) = orientation switch { 1 => (1, 0), 3 => (0, 0), 6 => (0, 1), _ => (0, 0) };
        Assert.Equal(200, image[expectedX, expectedY, 0]);
        Assert.True(x >= 0 && y >= 0);
    }

    [Fact]
    public void A_damaged_comment_of_a_PNG_is_forgiven_and_damaged_pixels_are_not()
    {
        byte[] good = PngBuilder.Build(2, 1, 8, 0, 0, [0, 10, 200]);
        byte[] comment = WithChunk(good, "tEXt", "Comment\0a scanner's"u8.ToArray());
        comment[8 + 25 + 8] ^= 1;
        Assert.Equal(200, _reader.Decode(comment, "x.png")[1, 0, 0]);
        byte[] pixels = [.. good];
        pixels[8 + 25 + 8] ^= 1;
        Assert.Contains(
            "checksum", Assert.Throws<ImageReadException>(() => _reader.Decode(pixels, "x.png")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_readers_own_exceptions_become_the_typed_one_and_end_no_folder()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.odd", [1, 2, 3]);
        foreach (Exception thrown in (Exception[])[
            new InvalidDataException("x"), new KeyNotFoundException("x"), new InvalidOperationException("x"), new ArgumentException("x")])
        {
            var reader = new ImageReader(null, new Odd(() => throw thrown));
            Assert.Same(thrown, Assert.Throws<ImageReadException>(() => reader.Read(path)).InnerException);
            Assert.Same(thrown, Assert.Throws<ImageReadException>(() => reader.Decode([1], "b.odd")).InnerException);
        }

        Assert.Contains(
            "no image",
            Assert.Throws<ImageReadException>(() => new ImageReader(null, new Odd(() => null!)).Read(path)).Message,
            StringComparison.Ordinal);
        var stopped = new ImageReader(null, new Odd(() => throw new OperationCanceledException()));
        Assert.Throws<OperationCanceledException>(() => stopped.Read(path));
    }

    [Fact]
    public void An_endless_stream_is_refused_after_its_first_megabyte()
    {
        using var endless = new EndlessStream();
        Assert.Throws<ImageReadException>(() => _reader.ReadStream(endless));
        Assert.InRange(endless.Given, 1 << 20, 3 << 20);
        using var image = new EndlessStream { Start = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10] };
        var limit = new ImageReadOptions { MaximumBytes = 5_000_000 };
        Assert.Contains(
            "MaximumBytes",
            Assert.Throws<ImageReadException>(() => _reader.ReadStream(image, options: limit)).Message,
            StringComparison.Ordinal);
        Assert.InRange(image.Given, 5_000_000, 6_000_000);
    }

    [Fact]
    public void The_doctor_tells_other_pages_and_unused_bits()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images/a.tif", TiffBuilder.Pages([Samples.Disc(40, 40), Samples.Disc(40, 40)]));
        ImageWriter.Write(Samples.Disc(40, 40), folder.File("masks/a.png"));
        ImageWriter.Write(
            new PixelImage(40, 40, 1, [.. Enumerable.Range(0, 1600).Select(i => (ushort)(i * 2))]), folder.File("images/b.png"));
        ImageWriter.Write(Samples.Disc(40, 40), folder.File("masks/b.png"));
        DoctorReport report = DatasetDoctor.ExamineFolder(folder.Root, options: new DoctorOptions { NearDuplicates = false });
        foreach ((FindingKind kind, string received) in new[]
        {
            (FindingKind.OtherPages, "2 pages"), (FindingKind.UnusedBitDepth, "12 bits"),
        })
        {
            Finding finding = report.Findings.Single(each => each.Kind == kind);
            Assert.Contains(received, finding.Problem.Received, StringComparison.Ordinal);
        }
    }

    private static byte[] Gray(int width, int height) => TiffForge.Write(
        new int[width * height], width, height, new TiffSamplesForm(8, 1, Photometric.MINISBLACK), new TiffFileForm());

    /// <summary>Where the value of a tag stands in a little-endian TIFF.</summary>
    private static int Tag(byte[] file, int tag)
    {
        int page = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(page));
        return Enumerable.Range(0, entries)
            .Select(i => page + 2 + (12 * i))
            .Single(entry => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry)) == tag) + 8;
    }

    private static int NextPage(byte[] file, int page) => page + 2 + (12 * BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(page)));

    /// <summary>The file with a chunk behind its header.</summary>
    private static byte[] WithChunk(byte[] png, string type, byte[] body)
    {
        const int afterHeader = 8 + 25;
        byte[] inner = [.. System.Text.Encoding.ASCII.GetBytes(type), .. body];
        var chunk = new byte[8 + inner.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        inner.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(4 + inner.Length), Crc32.Compute(inner));
        return [.. png[..afterHeader], .. chunk, .. png[afterHeader..]];
    }

    private sealed class Odd(Func<PixelImage> read) : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".odd"];

        public PixelImage Read(string path, ImageReadOptions? options = null) => read();
    }

    private sealed class EndlessStream : Stream
    {
        public byte[] Start { get; init; } = [];

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Given;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            for (int i = 0; i < count; i++, Given++)
            {
                buffer[offset + i] = Given < Start.Length ? Start[Given] : (byte)0;
            }

            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
