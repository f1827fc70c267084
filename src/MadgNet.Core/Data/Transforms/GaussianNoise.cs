using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>Adds normally distributed noise to every value; results are clipped to 0..1.</summary>
public sealed class GaussianNoise : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="largestSigma">The noise's standard deviation is drawn from 0 to this, 0 … 1; default 0.05.</param>
    /// <exception cref="ArgumentOutOfRangeException">The standard deviation is outside 0 … 1.</exception>
    public GaussianNoise(double largestSigma = 0.05)
    {
        Check.Range(largestSigma, largestSigma is >= 0 and <= 1, "0 … 1", "Use 0.05 for moderate noise");
        LargestSigma = largestSigma;
    }

    /// <summary>Largest standard deviation.</summary>
    public double LargestSigma { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(LargestSigma), LargestSigma)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        double sigma = random.NextDouble() * LargestSigma;
        FloatImage image = sample.Image.Clone();
        Span<float> data = image.Data;
        for (int i = 0; i < data.Length; i += 2)
        {
            (double first, double second) = Normal.Pair(random);
            data[i] = Math.Clamp(data[i] + (float)(first * sigma), 0, 1);
            if (i + 1 < data.Length)
            {
                data[i + 1] = Math.Clamp(data[i + 1] + (float)(second * sigma), 0, 1);
            }
        }

        return sample.With(image);
    }
}
