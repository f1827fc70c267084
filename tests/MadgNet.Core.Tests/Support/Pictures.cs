using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Pictures in which no two places look alike.</summary>
internal static class Pictures
{
    public static FloatImage Noise(int channels, int height, int width, int seed = 1)
    {
        var random = new Random(seed);
        var image = new FloatImage(channels, height, width);
        for (int i = 0; i < image.Data.Length; i++)
        {
            image.Data[i] = (float)random.NextDouble();
        }

        return image;
    }

    public static PixelImage Pixels(int channels, int height, int width, int seed = 1, int bits = 8)
    {
        var random = new Random(seed);
        int count = channels * height * width;
        return bits == 8
            ? new PixelImage(width, height, channels, [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(256))])
            : new PixelImage(width, height, channels, [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(65536))]);
    }

    /// <summary>The largest difference of two images of one size.</summary>
    public static float Difference(FloatImage left, FloatImage right)
    {
        Assert.Equal((left.Channels, left.Height, left.Width), (right.Channels, right.Height, right.Width));
        float largest = 0;
        for (int i = 0; i < left.Data.Length; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(left.Data[i] - right.Data[i]));
        }

        return largest;
    }
}
