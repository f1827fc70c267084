using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>For every pixel of a result the place in the source that it shows, in pixels; the centre of the first pixel is (0.5, 0.5).</summary>
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
        for (int y = 0; y < height; y++)
        {
            map.Row(y, sourceX, sourceY);
            for (int c = 0; c < source.Channels; c++)
            {
                Bilinear(source.Plane(c), sourceHeight, sourceWidth, sourceX, sourceY, image.Row(c, y));
            }

            for (int label = 0; label < masks.Length; label++)
            {
                Nearest(sample.Masks[label].Data, sourceHeight, sourceWidth, sourceX, sourceY, masks[label].Row(0, y));
            }
        }

        return sample.With(image, masks);
    }

    private static void Bilinear(
        ReadOnlySpan<float> plane, int height, int width, ReadOnlySpan<float> sourceX, ReadOnlySpan<float> sourceY, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            float x = sourceX[i];
            float y = sourceY[i];
            if (!(x >= 0 && y >= 0 && x < width && y < height))
            {
                target[i] = 0;
                continue;
            }

            // Half a pixel in from the edge there is no neighbour: the edge pixel stands in for it.
            x = Math.Clamp(x - 0.5f, 0, width - 1);
            y = Math.Clamp(y - 0.5f, 0, height - 1);
            int left = (int)x;
            int top = (int)y;
            int right = left + 1 < width ? 1 : 0;
            int below = top + 1 < height ? width : 0;
            float partX = x - left;
            float partY = y - top;
            int index = (top * width) + left;
            float upper = plane[index] + (partX * (plane[index + right] - plane[index]));
            index += below;
            float lower = plane[index] + (partX * (plane[index + right] - plane[index]));
            target[i] = upper + (partY * (lower - upper));
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
}
