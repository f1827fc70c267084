using CsCheck;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

public sealed class ImageWriterTests
{
    private static readonly Gen<int> Channels = Gen.Int[0, 2].Select(i => new[] { 1, 3, 4 }[i]);

    private readonly ImageReader _reader = new();

    [Fact]
    public void Any_8_bit_image_is_read_as_it_was_written() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Channels)
        .SelectMany((
            width,
            height,
            channels) => Gen.Byte.Array[width * height * channels].Select(bytes => new PixelImage(width, height, channels, bytes)))
        .Sample(image => Same(image, RoundTrip(image)), iter: 100);

    [Fact]
    public void Any_16_bit_image_is_read_as_it_was_written() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Channels)
        .SelectMany((
            width,
            height,
            channels) => Gen.UShort.Array[width * height * channels].Select(words => new PixelImage(width, height, channels, words)))
        .Sample(image => Same(image, RoundTrip(image)), iter: 100);

    [Fact]
    public void Palette_image_gives_its_indices_back()
    {
        var indices = new PixelImage(4, 2, 1, [0, 1, 2, 1, 0, 0, 2, 2]);
        using var stream = new MemoryStream();
        ImageWriter.WritePalette(indices, [(0, 0, 0), (255, 0, 0), (0, 128, 255)], stream);
        Assert.Equal(
            indices.Bytes.ToArray(),
            _reader.Decode(stream.ToArray(), "memory", new ImageReadOptions { PaletteIndices = true }).Bytes.ToArray());
        PixelImage colors = _reader.Decode(stream.ToArray(), "memory");
        Assert.Equal((0, 128, 255), (colors[2, 0, 0], colors[2, 0, 1], colors[2, 0, 2]));
    }

    [Fact]
    public void Palette_without_a_colour_for_an_index_is_refused() =>
        Assert.Throws<ArgumentException>(() => ImageWriter.WritePalette(
            new PixelImage(2, 1, 1, [0, 3]), [(0, 0, 0), (1, 1, 1)], new MemoryStream()));

    [Fact]
    public void Floats_are_rounded_and_clipped_and_NaN_is_black()
    {
        using var stream = new MemoryStream();
        ImageWriter.Write(new FloatImage(1, 1, 5, [-1, float.NaN, 0.5f, 1, 2]), stream);
        Assert.Equal([0, 0, 128, 255, 255], _reader.Decode(stream.ToArray(), "memory").Bytes.ToArray());
    }

    [Fact]
    public void File_is_replaced_whole()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("mask.png");
        File.WriteAllText(path, "something older");
        ImageWriter.Write(Samples.Disc(5, 5), path);
        Assert.Equal(Samples.Disc(5, 5).Bytes.ToArray(), _reader.Read(path).Bytes.ToArray());
        Assert.Equal([path], Directory.GetFiles(folder.Root));
    }

    private static bool Same(PixelImage one, PixelImage other) =>
        (one.Width, one.Height, one.Channels, one.BitDepth) == (other.Width, other.Height, other.Channels, other.BitDepth)
        && one.Bytes.SequenceEqual(other.Bytes)
        && one.Words.SequenceEqual(other.Words);

    private PixelImage RoundTrip(PixelImage image)
    {
        using var stream = new MemoryStream();
        ImageWriter.Write(image, stream);
        return _reader.Decode(stream.ToArray(), "memory");
    }
}
