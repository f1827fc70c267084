namespace MadgNet.Core.Imaging;

/// <summary>Convolution with a Gaussian that is cut off at three standard deviations; beyond the edge the image repeats its edge.</summary>
internal static class GaussianFilter
{
    /// <summary>Blurs every plane.</summary>
    /// <param name="image">C×H×W.</param>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    public static FloatImage Blur(FloatImage image, double sigma)
    {
        // Three standard deviations hold 99.7 % of the Gaussian.
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        var kernel = new float[(2 * radius) + 1];
        for (int i = 0; i < kernel.Length; i++)
        {
            kernel[i] = (float)Math.Exp(-Math.Pow(i - radius, 2) / (2 * sigma * sigma));
        }

        float sum = kernel.Sum();
        kernel = [.. kernel.Select(weight => weight / sum)];
        FloatImage across = FloatImage.Uninitialized(image.Channels, image.Height, image.Width);
        var result = new FloatImage(image.Channels, image.Height, image.Width);
        var padded = new float[image.Width + (2 * radius)];
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < image.Height; y++)
            {
                Span<float> row = image.Row(c, y);
                padded.AsSpan(0, radius).Fill(row[0]);
                row.CopyTo(padded.AsSpan(radius));
                padded.AsSpan(radius + row.Length).Fill(row[^1]);
                Span<float> target = across.Row(c, y);
                for (int x = 0; x < target.Length; x++)
                {
                    float value = 0;
                    for (int k = 0; k < kernel.Length; k++)
                    {
                        value += kernel[k] * padded[x + k];
                    }

                    target[x] = value;
                }
            }

            for (int y = 0; y < image.Height; y++)
            {
                for (int k = 0; k < kernel.Length; k++)
                {
                    ImageResizer.AddScaled(across.Row(c, Math.Clamp(y + k - radius, 0, image.Height - 1)), kernel[k], result.Row(c, y));
                }
            }
        }

        return result;
    }
}
