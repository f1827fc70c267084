namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Cuts out a piece of random area and aspect ratio and resizes it to one size (Szegedy et al. 2015, as torchvision's
/// transform of this name).
/// </summary>
public sealed class RandomResizedCrop : SegmentationTransform
{
    private const int Attempts = 10;

    /// <summary>Creates the transform.</summary>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <param name="smallestArea">Smallest share of the image's area, above 0, at most 1; default 0.5.</param>
    /// <param name="largestAspect">Largest change of the aspect ratio, either way, at least 1; default 4/3.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public RandomResizedCrop(int height, int width, double smallestArea = 0.5, double largestAspect = 4.0 / 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Check.Range(smallestArea, smallestArea > 0 && smallestArea <= 1, "above 0, at most 1", "Use 0.5 for half the area");
        Check.Range(largestAspect, largestAspect >= 1 && largestAspect <= 100, "1 … 100", "Use 1 to keep the shape");
        Height = height;
        Width = width;
        SmallestArea = smallestArea;
        LargestAspect = largestAspect;
    }

    /// <summary>Height of the result.</summary>
    public int Height { get; }

    /// <summary>Width of the result.</summary>
    public int Width { get; }

    /// <summary>Smallest share of the image's area.</summary>
    public double SmallestArea { get; }

    /// <summary>Largest change of the aspect ratio, either way.</summary>
    public double LargestAspect { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Height), Height),
        (nameof(Width), Width),
        (nameof(SmallestArea), SmallestArea),
        (nameof(LargestAspect), LargestAspect),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        (int height, int width) = (sample.Image.Height, sample.Image.Width);
        var resize = new Resize(Height, Width);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = height * (double)width * (SmallestArea + (random.NextDouble() * (1 - SmallestArea)));
            double aspect = Math.Exp(((random.NextDouble() * 2) - 1) * Math.Log(LargestAspect)) * width / height;
            int pieceWidth = (int)Math.Round(Math.Sqrt(area * aspect));
            int pieceHeight = (int)Math.Round(Math.Sqrt(area / aspect));
            if (pieceWidth >= 1 && pieceWidth <= width && pieceHeight >= 1 && pieceHeight <= height)
            {
                int top = random.Next(height - pieceHeight + 1);
                int left = random.Next(width - pieceWidth + 1);
                return resize.Apply(RandomCrop.Cut(sample, top, left, pieceHeight, pieceWidth), random);
            }
        }

        return resize.Apply(sample, random);
    }
}
