using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Cuts a piece out at a random place, at native scale. Where the sample is smaller than the piece, it is put in the
/// middle and surrounded by zeros (in the image and in the masks).
/// </summary>
public sealed class RandomCrop : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="height">Height of the piece, at least 1.</param>
    /// <param name="width">Width of the piece, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    public RandomCrop(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Height = height;
        Width = width;
    }

    /// <summary>Height of the piece.</summary>
    public int Height { get; }

    /// <summary>Width of the piece.</summary>
    public int Width { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Height), Height), (nameof(Width), Width)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        int top = Start(sample.Image.Height, Height, random);
        int left = Start(sample.Image.Width, Width, random);
        return Cut(sample, top, left, Height, Width);
    }

    /// <summary>Cuts a rectangle that may reach beyond the sample; what lies outside is 0.</summary>
    internal static Sample Cut(Sample sample, int top, int left, int height, int width)
    {
        return sample.With(Piece(sample.Image), [.. sample.Masks.Select(Piece)]);

        FloatImage Piece(FloatImage source)
        {
            var piece = new FloatImage(source.Channels, height, width);
            int from = Math.Max(left, 0);
            int count = Math.Min(left + width, source.Width) - from;
            if (count <= 0)
            {
                return piece;
            }

            for (int c = 0; c < source.Channels; c++)
            {
                for (int y = Math.Max(top, 0); y < Math.Min(top + height, source.Height); y++)
                {
                    source.Row(c, y).Slice(from, count).CopyTo(piece.Row(c, y - top)[(from - left)..]);
                }
            }

            return piece;
        }
    }

    private static int Start(int available, int wanted, Random random) =>
        available > wanted ? random.Next(available - wanted + 1) : -((wanted - available) / 2);
}
