using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>Raises the intensities to a random power, so that dark and bright parts change differently; expects images of 0..1.</summary>
public sealed class RandomGamma : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="largest">Largest exponent, and the reciprocal of the smallest, 1 … 10; drawn evenly on a logarithmic scale. Default
    /// 1.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The exponent is outside 1 … 10.</exception>
    public RandomGamma(double largest = 1.5)
    {
        Check.Range(largest, largest is >= 1 and <= 10, "1 … 10", "Use 1.5 for a moderate change");
        Largest = largest;
    }

    /// <summary>Largest exponent, and the reciprocal of the smallest.</summary>
    public double Largest { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Largest), Largest)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        float exponent = (float)Math.Exp(((random.NextDouble() * 2) - 1) * Math.Log(Largest));
        FloatImage image = sample.Image.Clone();
        Span<float> data = image.Data;
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = MathF.Pow(Math.Clamp(data[i], 0, 1), exponent);
        }

        return sample.With(image);
    }
}
