using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>Blurs the image with a Gaussian of random width; beyond the edge, the edge's pixels are repeated.</summary>
public sealed class GaussianBlur : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="largestSigma">The Gaussian's standard deviation in pixels is drawn from 0.1 to this, 0.1 … 50; default 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is outside 0.1 … 50.</exception>
    public GaussianBlur(double largestSigma = 2)
    {
        Check.Range(largestSigma, largestSigma is >= 0.1 and <= 50, "0.1 … 50", "Use 2 for a moderate blur");
        LargestSigma = largestSigma;
    }

    /// <summary>Largest standard deviation in pixels.</summary>
    public double LargestSigma { get; }

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        sample.With(Blur(sample.Image, 0.1 + (random.NextDouble() * (LargestSigma - 0.1))));

    private static FloatImage Blur(FloatImage image, double sigma)
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
