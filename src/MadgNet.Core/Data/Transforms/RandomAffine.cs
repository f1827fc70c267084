namespace MadgNet.Core.Data.Transforms;

/// <summary>Turns, scales, shears and shifts by random amounts about the centre; the size stays, what comes in from outside is 0.</summary>
public sealed class RandomAffine : SegmentationTransform
{
    private readonly double _degrees;
    private readonly double _scale = 1;
    private readonly double _shearDegrees;
    private readonly double _shift;

    /// <summary>Largest angle in degrees, either way, 0 … 180; default 0.</summary>
    public double Degrees
    {
        get => _degrees;
        init
        {
            Check.Range(value, value is >= 0 and <= 180, "0 … 180", "Use 0 for no rotation", nameof(Degrees));
            _degrees = value;
        }
    }

    /// <summary>
    /// Largest factor of enlargement, and of reduction, 1 … 10; the factor is drawn evenly on a logarithmic scale. Default 1.
    /// </summary>
    public double Scale
    {
        get => _scale;
        init
        {
            Check.Range(value, value is >= 1 and <= 10, "1 … 10", "Use 1 for no scaling", nameof(Scale));
            _scale = value;
        }
    }

    /// <summary>Largest horizontal shear in degrees, either way, 0 … 60; default 0.</summary>
    public double ShearDegrees
    {
        get => _shearDegrees;
        init
        {
            Check.Range(value, value is >= 0 and <= 60, "0 … 60", "Use 0 for no shear", nameof(ShearDegrees));
            _shearDegrees = value;
        }
    }

    /// <summary>Largest shift as a share of width and height, either way, 0 … 1; default 0.</summary>
    public double Shift
    {
        get => _shift;
        init
        {
            Check.Range(value, value is >= 0 and <= 1, "0 … 1", "Use 0 for no shift", nameof(Shift));
            _shift = value;
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Degrees), Degrees),
        (nameof(Scale), Scale),
        (nameof(ShearDegrees), ShearDegrees),
        (nameof(Shift), Shift),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        (int height, int width) = (sample.Image.Height, sample.Image.Width);
        double degrees = Signed(random) * Degrees;
        double scale = Math.Exp(Signed(random) * Math.Log(Scale));
        double shear = Signed(random) * ShearDegrees;
        double shiftX = Signed(random) * Shift * width;
        double shiftY = Signed(random) * Shift * height;
        var map = new AffineMap((height, width), (height, width), degrees, scale, shear, shiftX, shiftY);
        return Warp.Apply(sample, height, width, map);
    }

    private static double Signed(Random random) => (random.NextDouble() * 2) - 1;
}
