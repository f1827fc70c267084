using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Imaging;

public sealed class PixelImageTests
{
    [Fact]
    public void Full_range_of_8_bits_becomes_0_to_1() =>
        Assert.Equal([0f, 128f / 255, 1f], new PixelImage(3, 1, 1, [0, 128, 255]).ToFloat().Data.ToArray());

    [Fact]
    public void Full_range_of_16_bits_becomes_0_to_1()
    {
        FloatImage image = new PixelImage(3, 1, 1, new ushort[] { 0, 1, 65535 }).ToFloat();
        Assert.Equal([0f, 1f / 65535, 1f], image.Data.ToArray());
    }

    [Fact]
    public void Grey_is_repeated_for_RGB()
    {
        FloatImage image = new PixelImage(2, 1, 1, [51, 255]).ToFloat(ImageChannels.Rgb);
        Assert.Equal([0.2f, 1f, 0.2f, 1f, 0.2f, 1f], image.Data.ToArray());
    }

    [Fact]
    public void Alpha_is_dropped() => Assert.Equal(3, new PixelImage(1, 1, 4, [10, 20, 30, 0]).ToFloat().Channels);

    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(12, 200, 77, 130)]
    public void Grey_of_a_colour_is_PILs_luma(byte red, byte green, byte blue, byte expected) =>
        // Oracle: PIL's Image.convert("L"), (19595 R + 38470 G + 7471 B + 0x8000) >> 16.
        Assert.Equal(expected, new PixelImage(1, 1, 3, [red, green, blue]).ToGray().Bytes[0]);

    [Fact]
    public void Array_of_another_length_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new PixelImage(3, 2, 3, new byte[17]));
        Assert.Contains("expected 18", error.Message, StringComparison.Ordinal);
    }
}
