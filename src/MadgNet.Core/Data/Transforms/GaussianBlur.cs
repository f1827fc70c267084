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
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(LargestSigma), LargestSigma)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        sample.With(GaussianFilter.Blur(sample.Image, 0.1 + (random.NextDouble() * (LargestSigma - 0.1))));
}
