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
}
