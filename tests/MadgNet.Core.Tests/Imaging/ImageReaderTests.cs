using BitMiracle.LibTiff.Classic;
using CsCheck;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>Oracle: the pixels that PIL decodes from the same files, <c>Fixtures/images.safetensors</c>; equal to the bit.</summary>
public sealed class ImageReaderTests
{
    private readonly ImageReader _reader = new();

    [Theory]
    [InlineData("rgb.png", "rgb.pixels")]
    [InlineData("rgb.bmp", "rgb.pixels")]
    [InlineData("rgb.tif", "rgb.pixels")]
    [InlineData("rgb_lzw.tif", "rgb.pixels")]
    [InlineData("palette.png", "palette.pixels")]
    public void Colour_files_hold_the_golden_pixels(string file, string golden)
    {
        using Fixture fixture = Fixture.Open("images");
        PixelImage image = _reader.Read(Fixture.PathOf("images/" + file));
        Assert.Equal((70, 50, 3, 8), (image.Width, image.Height, image.Channels, image.BitDepth));
        Assert.Equal(fixture[golden].bytes.ToArray(), image.Bytes.ToArray());
    }

    [Theory]
    [InlineData("gray16.png")]
    [InlineData("gray16.tif")]
    public void Sixteen_bits_survive(string file)
    {
        using Fixture fixture = Fixture.Open("images");
        PixelImage image = _reader.Read(Fixture.PathOf("images/" + file));
        Assert.Equal((70, 50, 1, 16), (image.Width, image.Height, image.Channels, image.BitDepth));
        using Tensor golden = fixture["gray16.pixels"].to(ScalarType.Int32);
        Assert.Equal(golden.data<int>().ToArray(), image.Words.ToArray().Select(word => (int)word));
    }

    [Fact]
    public void Truncated_file_is_refused_with_its_name_and_the_reason()
    {
        string path = Fixture.PathOf("images/truncated.png");
        var error = Assert.Throws<ImageReadException>(() => _reader.Read(path));
        Assert.Equal(path, error.Name);
        Assert.Contains("ends after", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_named_as_an_image_is_refused_with_its_name_and_the_reason()
    {
        string path = Fixture.PathOf("images/not_an_image.png");
        var error = Assert.Throws<ImageReadException>(() => _reader.Read(path));
        Assert.Equal(path, error.Name);
        Assert.Contains("unknown format", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_bit_becomes_0_and_255()
    {
        PixelImage image = _reader.Read(Fixture.PathOf("images/bilevel.png"));
        Assert.Equal((70, 50, 1), (image.Width, image.Height, image.Channels));
        Assert.Equal(new byte[] { 0, 255 }, image.Bytes.ToArray().Distinct().Order());
    }

    [Fact]
    public void Alpha_is_kept_and_colours_are_not_multiplied_by_it()
    {
        using Fixture fixture = Fixture.Open("images");
        PixelImage image = _reader.Read(Fixture.PathOf("images/rgba.png"));
        Assert.Equal(4, image.Channels);
        byte[] golden = fixture["rgb.pixels"].bytes.ToArray();
        Assert.Equal(golden, image.Bytes.ToArray().Where((_, i) => i % 4 != 3));
    }

    [Fact]
    public void Exif_orientation_is_applied()
    {
        using Fixture fixture = Fixture.Open("images");
        byte[] golden = fixture["rgb.pixels"].bytes.ToArray();
        PixelImage image = _reader.Read(Fixture.PathOf("images/rotated_exif.jpg"));
        Assert.Equal((50, 70), (image.Width, image.Height));
        // Orientation 6: what is stored at (x, y) is shown at (height − 1 − y, x). JPEG is lossy, so the mean tells.
        double difference = 0;
        for (int y = 0; y < 50; y++)
        {
            for (int x = 0; x < 70; x++)
            {
                difference += Math.Abs(image[49 - y, x, 0] - golden[((y * 70) + x) * 3]);
            }
        }

        Assert.InRange(difference / (50 * 70), 0, 12);
    }

    [Fact]
    public void Interlaced_file_is_read_like_a_plain_one() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 20])
        .SelectMany((width, height) => Gen.Byte.Array[width * height].Select(bytes => new PixelImage(width, height, 1, bytes)))
        .Sample(
            image => _reader.Decode(
                PngBuilder.Build(image.Width, image.Height, 8, 0, 1, PngBuilder.Interlace(image)),
                "memory").Bytes.SequenceEqual(image.Bytes),
            iter: 100);

    [Theory]
    [InlineData(1, 0b1011_0000, new byte[] { 255, 0, 255, 255 })]
    [InlineData(2, 0b11_10_01_00, new byte[] { 255, 170, 85, 0 })]
    public void Few_bits_of_grey_are_widened_to_the_full_range(int bits, byte packed, byte[] expected) =>
        Assert.Equal(expected, _reader.Decode(PngBuilder.Build(4, 1, bits, 0, 0, [0, packed]), "memory").Bytes.ToArray());

    [Fact]
    public void Grey_with_alpha_gives_its_grey() =>
        Assert.Equal([10, 30], _reader.Decode(PngBuilder.Build(2, 1, 8, 4, 0, [0, 10, 255, 30, 0]), "memory").Bytes.ToArray());

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_filter_is_undone(byte filter)
    {
        // Rows of one value v per filter as the standard predicts them from left, above and corner.
        byte[] pixels = [9, 200, 31, 4, 250, 77];
        byte[] rows = [0, pixels[0], pixels[1], pixels[2], filter, 0, 0, 0];
        for (int x = 0; x < 3; x++)
        {
            int left = x > 0 ? pixels[3 + x - 1] : 0;
            int above = pixels[x];
            int corner = x > 0 ? pixels[x - 1] : 0;
            int prediction = filter switch
            {
                0 => 0,
                1 => left,
                2 => above,
                3 => (left + above) / 2,
                _ => new[] { left, above, corner }.MinBy(value => Math.Abs(left + above - corner - value)),
            };
            rows[5 + x] = (byte)(pixels[3 + x] - prediction);
        }

        Assert.Equal(pixels, _reader.Decode(PngBuilder.Build(3, 2, 8, 0, 0, rows), "memory").Bytes.ToArray());
    }

    [Fact]
    public void Pixel_bomb_is_refused_before_memory_is_allocated()
    {
        byte[] bomb = PngBuilder.Build(60_000, 60_000, 8, 6, 0, [0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageReadException>(() => _reader.Decode(bomb, "bomb.png"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains("at most 100000000 pixels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_too_short_for_the_size_that_it_claims_is_refused_before_memory_is_allocated()
    {
        byte[] tooShort = PngBuilder.Build(9_000, 9_000, 8, 6, 0, [0]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageReadException>(() => _reader.Decode(tooShort, "short.png"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Contains("too few", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TIFF_bomb_is_refused_before_memory_is_allocated()
    {
        // Width and height of an intact file, tags 256 and 257 of its directory, set to 60 000.
        byte[] bomb = File.ReadAllBytes(Fixture.PathOf("images/gray16.tif"));
        int directory = BitConverter.ToInt32(bomb, 4);
        for (int entry = directory + 2; entry < directory + 2 + (12 * BitConverter.ToUInt16(bomb, directory)); entry += 12)
        {
            if (BitConverter.ToUInt16(bomb, entry) is 256 or 257)
            {
                BitConverter.TryWriteBytes(bomb.AsSpan(entry + 8), (ushort)60_000);
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageReadException>(() => _reader.Decode(bomb, "bomb.tif"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 22);
        Assert.Contains("60000×60000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixel_limit_can_be_set() =>
        Assert.Throws<ImageReadException>(() => new ImageReader(new ImageReadOptions
        {
            MaximumPixels = 3499
        }).Read(Fixture.PathOf("images/rgb.bmp")));

    [Theory]
    [InlineData("rgb.png")]
    [InlineData("rgb.bmp")]
    [InlineData("rgb_lzw.tif")]
    [InlineData("gray16.tif")]
    [InlineData("rotated_exif.jpg")]
    [InlineData("palette.png")]
    public void Damaged_content_gives_an_image_or_a_typed_error_and_never_anything_else(string file)
    {
        byte[] intact = File.ReadAllBytes(Fixture.PathOf("images/" + file));
        Gen.Select(Gen.Int[0, intact.Length - 1], Gen.Byte, Gen.Int[0, intact.Length]).Sample(
            (place, value, length) =>
            {
                byte[] damaged = [.. intact.Take(length)];
                if (place < length)
                {
                    damaged[place] = value;
                }

                try
                {
                    _reader.Decode(damaged, file);
                }
                catch (ImageReadException error)
                {
                    Assert.Equal(file, error.Name);
                }
            },
            iter: 300);
    }

    [Fact]
    public void Missing_file_is_refused_with_its_name()
    {
        var error = Assert.Throws<ImageReadException>(() => _reader.Read("no/such/file.png"));
        Assert.Contains("no such file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_file_is_refused() => Assert.Throws<ImageReadException>(() => _reader.Decode([], "empty.png"));

    [Fact]
    public void Page_of_a_TIFF_is_chosen_explicitly()
    {
        byte[] pages = TiffBuilder.Pages([new PixelImage(3, 2, 1, [1, 2, 3, 4, 5, 6]), new PixelImage(2, 1, 1, [7, 8])]);
        Assert.Equal([1, 2, 3, 4, 5, 6], _reader.Decode(pages, "pages.tif").Bytes.ToArray());
        Assert.Equal([7, 8], _reader.Decode(pages, "pages.tif", new ImageReadOptions { Page = 1 }).Bytes.ToArray());
    }

    [Fact]
    public void Page_that_a_TIFF_does_not_have_is_refused()
    {
        byte[] pages = TiffBuilder.Pages([new PixelImage(2, 1, 1, [7, 8])]);
        var error = Assert.Throws<ImageReadException>(() => _reader.Decode(pages, "pages.tif", new ImageReadOptions { Page = 1 }));
        Assert.Contains("0 … 0", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Compression.DEFLATE)]
    [InlineData(Compression.LZW)]
    [InlineData(Compression.PACKBITS)]
    [InlineData(Compression.NONE)]
    public void Compressed_TIFF_is_read_as_it_was_written(Compression compression)
    {
        var image = new PixelImage(37, 21, 3, [.. Enumerable.Range(0, 37 * 21 * 3).Select(i => (byte)(i * i / 7))]);
        Assert.Equal(image.Bytes.ToArray(), _reader.Decode(TiffBuilder.Pages([image], compression), "a.tif").Bytes.ToArray());
    }

    [Fact]
    public void Sixteen_bit_compressed_TIFF_is_read_as_it_was_written()
    {
        var image = new PixelImage(37, 21, 1, [.. Enumerable.Range(0, 37 * 21).Select(i => (ushort)(i * 83))]);
        Assert.Equal(image.Words.ToArray(), _reader.Decode(TiffBuilder.Pages([image], Compression.LZW), "a.tif").Words.ToArray());
    }

    [Fact]
    public void Signed_TIFF_keeps_its_values_through_the_offset()
    {
        byte[] file = TiffBuilder.Pages([new PixelImage(3, 1, 1, [unchecked((ushort)-1000), 0, 1000])], signed: true);
        PixelImage image = _reader.Decode(file, "ct.tif");
        Assert.Equal([-1000, 0, 1000], image.Words.ToArray().Select(word => word + image.Offset));
    }

    [Fact]
    public void First_frame_of_a_GIF_is_read()
    {
        // The smallest GIF of two pixels, black and white, palette of two colours (GIF89a, LZW of 2 bits).
        byte[] gif =
        [
            .. "GIF89a"u8, 2, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0A, 0, 0x3B,
        ];
        PixelImage image = _reader.Decode(gif, "two.gif");
        Assert.Equal((2, 1), (image.Width, image.Height));
        Assert.Equal([0, 255], image.ToGray().Bytes.ToArray());
    }

    [Fact]
    public void Host_adds_a_format()
    {
        var reader = new ImageReader(null, new TextReader());
        Assert.Contains(".pgm", reader.Extensions);
        Assert.Equal([42], reader.Read("any.PGM").Bytes.ToArray());
    }

    [Fact]
    public void A_host_s_format_is_read_from_a_stream_too_by_a_reader_that_knows_files_only()
    {
        IImageReader reader = new ImageReader(null, new TextReader());
        using var stream = new MemoryStream([1, 2, 3]);
        Assert.Equal([42], reader.ReadStream(stream, "upload.pgm").Bytes.ToArray());
        Assert.True(stream.CanRead);
        Assert.Equal(3, stream.Position);
    }

    [Fact]
    public void A_host_s_format_without_a_name_is_told_by_its_content()
    {
        using var stream = new MemoryStream("P9 mine"u8.ToArray());
        Assert.Equal([9], new ImageReader(null, new ContentReader()).ReadStream(stream).Bytes.ToArray());
        using var other = new MemoryStream("nobody's"u8.ToArray());
        Assert.Throws<ImageReadException>(() => new ImageReader(null, new ContentReader()).ReadStream(other));
    }

    [Fact]
    public void What_is_wrong_with_a_stream_is_told_under_its_own_name()
    {
        IImageReader reader = new ImageReader(null, new Refusing());
        using var stream = new MemoryStream([1]);
        ImageReadException refused = Assert.Throws<ImageReadException>(() => reader.ReadStream(stream, "upload.bad"));
        Assert.Equal("upload.bad", refused.Name);
        Assert.Equal("nothing good", refused.Problem.Received);
    }

    private sealed class ContentReader : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".mine"];

        public PixelImage Read(string path, ImageReadOptions? options = null) =>
            throw new InvalidOperationException("Only content is read here.");

        public bool Recognizes(ReadOnlySpan<byte> content) => content.StartsWith("P9"u8);

        public PixelImage Decode(byte[] content, string name, ImageReadOptions? options = null) => new(1, 1, 1, [9]);
    }

    private sealed class Refusing : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".bad"];

        public PixelImage Read(string path, ImageReadOptions? options = null) =>
            throw new ImageReadException(path, "nothing good", "something", "Do something");
    }

    private sealed class TextReader : IImageReader
    {
        public IReadOnlyCollection<string> Extensions => [".pgm"];

        public PixelImage Read(string path, ImageReadOptions? options = null) => new(1, 1, 1, [42]);
    }
}
