using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>
/// Oracle: PIL's <c>resize(…, BILINEAR)</c>, <c>Fixtures/images.safetensors</c>. Tolerance 1 of 255: PIL rounds to 8 bits
/// after each of the two passes, which is half a unit twice; a thousandth more for float32.
/// </summary>
public sealed class ImageResizerTests
{
    [Fact]
    public void Colour_image_shrinks_as_in_PIL()
    {
        using Fixture fixture = Fixture.Open("images");
        AssertGolden(fixture["rgb.33x41"], Fixture.PathOf("images/rgb.png"), 3);
    }

    [Theory]
    [InlineData("us_2", 352, 352)]
    [InlineData("us_2", 64, 96)]
    [InlineData("us_2_mask", 352, 352)]
    [InlineData("us_2_mask", 64, 96)]
    [InlineData("us_5", 64, 96)]
    [InlineData("us_5_mask", 64, 96)]
    [InlineData("us_9", 64, 96)]
    [InlineData("us_9_mask", 64, 96)]
    public void Ultrasound_image_is_resized_as_in_PIL(string name, int height, int width)
    {
        string path = SharedFolder.Require($"fixtures/images/{name}.png");
        using Fixture fixture = Fixture.OpenFile(SharedFolder.Require("fixtures/images.safetensors"));
        AssertGolden(fixture[$"{name}.{height}x{width}"], path, 1);
    }

    private static void AssertGolden(Tensor golden, string path, int channels)
    {
        byte[] expected = golden.bytes.ToArray();
        (int height, int width) = ((int)golden.size(0), (int)golden.size(1));
        FloatImage resized = ImageResizer.Bilinear(new ImageReader().Read(path).ToFloat(), height, width);
        Assert.Equal((channels, height, width), (resized.Channels, resized.Height, resized.Width));
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < height * width; i++)
            {
                Assert.InRange(resized.Plane(c)[i] * 255, expected[(i * channels) + c] - 1.001, expected[(i * channels) + c] + 1.001);
            }
        }
    }
}
