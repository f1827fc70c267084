namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Turns by a random angle, uniform in ±degrees, about the centre; the size stays and the corners that come in are 0. The
/// published recipe uses ±5°.
/// </summary>
public sealed class RandomRotation : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="degrees">The largest angle in degrees, 0 … 180.</param>
    /// <exception cref="ArgumentOutOfRangeException">The angle is outside 0 … 180.</exception>
    public RandomRotation(double degrees)
    {
        if (!(degrees >= 0 && degrees <= 180))
        {
            throw new ArgumentOutOfRangeException(
                nameof(degrees), degrees, $"received ±{degrees}°; expected 0 … 180. Use 5 for the published recipe.");
        }

        Degrees = degrees;
    }

    /// <summary>The largest angle in degrees.</summary>
    public double Degrees { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Degrees), Degrees)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        double angle = ((random.NextDouble() * 2) - 1) * Degrees;
        (int, int) size = (sample.Image.Height, sample.Image.Width);
        return Warp.Apply(sample, sample.Image.Height, sample.Image.Width, new AffineMap(size, size, angle));
    }
}
