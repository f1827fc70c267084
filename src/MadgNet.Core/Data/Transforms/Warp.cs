using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// For every pixel of a result the place in the source that it shows, in pixels; the centre of the first pixel is (0.5, 0.5).
/// </summary>
internal interface IWarpMap
{
    /// <summary>Fills in the source places of one row of the result.</summary>
    void Row(int y, Span<float> sourceX, Span<float> sourceY);
}

/// <summary>
/// Moves image and masks by one geometry, as PIL does: the image bilinear, the masks nearest, and 0 for what lies outside.
/// </summary>
internal static class Warp
{
    public static Sample Apply<TMap>(Sample sample, int height, int width, TMap map)
        where TMap : IWarpMap
    {
        FloatImage source = sample.Image;
        int sourceHeight = source.Height;
        int sourceWidth = source.Width;
        FloatImage image = FloatImage.Uninitialized(source.Channels, height, width);
        FloatImage[] masks = [.. sample.Masks.Select(_ => FloatImage.Uninitialized(1, height, width))];
        var sourceX = new float[width];
        var sourceY = new float[width];
        var corners = new Corners[width];
        for (int y = 0; y < height; y++)
        {
            map.Row(y, sourceX, sourceY);
            for (int x = 0; x < width; x++)
            {
                corners[x] = Corners.At(sourceX[x], sourceY[x], sourceHeight, sourceWidth);
            }

            for (int c = 0; c < source.Channels; c++)
            {
                Bilinear(source.Plane(c), corners, image.Row(c, y));
            }

            for (int label = 0; label < masks.Length; label++)
            {
                Nearest(sample.Masks[label].Data, sourceHeight, sourceWidth, sourceX, sourceY, masks[label].Row(0, y));
            }
        }

        return sample.With(image, masks);
    }

    private static void Bilinear(ReadOnlySpan<float> plane, ReadOnlySpan<Corners> corners, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            Corners corner = corners[i];
            if (corner.Index < 0)
            {
                target[i] = 0;
                continue;
            }

            float upper = plane[corner.Index];
            upper += corner.PartX * (plane[corner.Index + corner.Right] - upper);
            float lower = plane[corner.Index + corner.Below];
            lower += corner.PartX * (plane[corner.Index + corner.Below + corner.Right] - lower);
            target[i] = upper + (corner.PartY * (lower - upper));
        }
    }

    private static void Nearest(
        ReadOnlySpan<float> plane, int height, int width, ReadOnlySpan<float> sourceX, ReadOnlySpan<float> sourceY, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            float x = sourceX[i];
            float y = sourceY[i];
            target[i] = x >= 0 && y >= 0 && x < width && y < height ? plane[((int)y * width) + (int)x] : 0;
        }
    }

    /// <summary>The pixels that a place lies between, the same for every plane: worked out once.</summary>
    private readonly record struct Corners(int Index, int Right, int Below, float PartX, float PartY)
    {
        public static Corners At(float x, float y, int height, int width)
        {
            if (!(x >= 0 && y >= 0 && x < width && y < height))
            {
                return new Corners(-1, 0, 0, 0, 0);
            }

            // Half a pixel in from the edge there is no neighbour: the edge pixel stands in for it.
            x = Math.Clamp(x - 0.5f, 0, width - 1);
            y = Math.Clamp(y - 0.5f, 0, height - 1);
            int left = (int)x;
            int top = (int)y;
            return new Corners((top * width) + left, left + 1 < width ? 1 : 0, top + 1 < height ? width : 0, x - left, y - top);
        }
    }
}
