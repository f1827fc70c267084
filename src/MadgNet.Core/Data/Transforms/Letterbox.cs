using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Resizes to fit into a size without changing the aspect ratio, and surrounds the result by zeros (in the image and in the masks).
/// </summary>
public sealed class Letterbox : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="height">Height of the result, at least 1.</param>
    /// <param name="width">Width of the result, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public Letterbox(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Height = height;
        Width = width;
    }

    /// <summary>Height of the result.</summary>
    public int Height { get; }

    /// <summary>Width of the result.</summary>
    public int Width { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Height), Height), (nameof(Width), Width)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        var place = Placement.Of(sample.Image.Height, sample.Image.Width, new ImageSize(Height, Width), ImageFit.Letterbox);
        return sample.Image.Height == Height && sample.Image.Width == Width
            ? sample
            : sample.With(place.Place(sample.Image), [.. sample.Masks.Select(place.Place)]);
    }
}
