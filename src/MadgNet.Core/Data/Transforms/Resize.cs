using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Resizes image and masks to one size with PIL's antialiased bilinear filter, whatever the aspect ratio: the first step
/// of the published recipe. The masks' soft edges are binarised when the targets are made.
/// </summary>
public sealed class Resize : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="height">New height, at least 1; networks here need a multiple of 32.</param>
    /// <param name="width">New width, at least 1; networks here need a multiple of 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public Resize(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Height = height;
        Width = width;
    }

    /// <summary>New height.</summary>
    public int Height { get; }

    /// <summary>New width.</summary>
    public int Width { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Height), Height), (nameof(Width), Width)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        sample.Image.Height == Height && sample.Image.Width == Width
            ? sample
            : sample.With(
                ImageResizer.Bilinear(sample.Image, Height, Width),
                [.. sample.Masks.Select(mask => ImageResizer.Bilinear(mask, Height, Width))]);
}
