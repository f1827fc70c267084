using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>
/// One of the ways in which <see cref="TestTimeAugmentation"/> looks at an image: resized, then its rows and columns exchanged,
/// then mirrored. The eight turns and reflections of a picture are the eight values of the three switches.
/// </summary>
/// <param name="Transposed">Whether rows and columns change places.</param>
/// <param name="MirroredX">Whether left and right change places, after the transposition.</param>
/// <param name="MirroredY">Whether top and bottom change places, after the transposition.</param>
/// <param name="Scale">By what height and width are multiplied first, above 0.</param>
public readonly record struct AugmentedView(bool Transposed, bool MirroredX, bool MirroredY, double Scale)
{
    /// <summary>The image as it is.</summary>
    public static AugmentedView Identity { get; } = new(false, false, false, 1);

    /// <summary>The image in this view.</summary>
    /// <param name="image">C×H×W.</param>
    /// <returns>A new image, or the image itself where there is nothing to change.</returns>
    public FloatImage Apply(FloatImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        FloatImage sized = Scale == 1 ? image : ImageResizer.Bilinear(image, Scaled(image.Height), Scaled(image.Width));
        return Map(sized, Transposed, MirroredX, MirroredY);
    }

    /// <summary>What was found in this view, brought back to the image.</summary>
    /// <param name="map">A map of the size that <see cref="Apply"/> gives.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <returns>n×height×width.</returns>
    public FloatImage Undo(FloatImage map, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(map);

        // After an exchange of rows and columns, mirroring before it is mirroring the other axis after it.
        FloatImage upright = Transposed ? Map(map, true, MirroredY, MirroredX) : Map(map, false, MirroredX, MirroredY);
        return ImageResizer.Bilinear(upright, height, width);
    }

    private static FloatImage Map(FloatImage image, bool transposed, bool mirroredX, bool mirroredY)
    {
        if (!transposed && !mirroredX && !mirroredY)
        {
            return image;
        }

        int height = transposed ? image.Width : image.Height;
        int width = transposed ? image.Height : image.Width;
        FloatImage result = FloatImage.Uninitialized(image.Channels, height, width);
        for (int c = 0; c < image.Channels; c++)
        {
            ReadOnlySpan<float> source = image.Plane(c);
            for (int y = 0; y < height; y++)
            {
                Span<float> target = result.Row(c, mirroredY ? height - 1 - y : y);
                if (transposed)
                {
                    for (int x = 0; x < width; x++)
                    {
                        target[x] = source[(x * image.Width) + y];
                    }
                }
                else
                {
                    source.Slice(y * width, width).CopyTo(target);
                }

                if (mirroredX)
                {
                    target.Reverse();
                }
            }
        }

        return result;
    }

    private int Scaled(int size) => Math.Max(1, (int)Math.Round(size * Scale, MidpointRounding.AwayFromZero));
}
