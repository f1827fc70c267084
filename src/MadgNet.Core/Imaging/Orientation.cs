namespace MadgNet.Core.Imaging;

/// <summary>The eight orientations of EXIF and TIFF (tag 274): how the stored rows and columns are to be shown.</summary>
internal static class Orientation
{
    /// <summary>Turns and mirrors an image so that it is shown upright; an orientation outside 2 … 8 changes nothing.</summary>
    public static PixelImage Apply(PixelImage image, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return image;
        }

        bool transposed = orientation >= 5;
        int width = transposed ? image.Height : image.Width;
        int height = transposed ? image.Width : image.Height;
        return image.BitDepth == 8
            ? new PixelImage(width, height, image.Channels, Remap(image.Bytes, image, width, height, orientation))
            : new PixelImage(width, height, image.Channels, Remap(image.Words, image, width, height, orientation), image.Offset);
    }

    private static T[] Remap<T>(ReadOnlySpan<T> source, PixelImage image, int width, int height, int orientation)
    {
        var result = new T[source.Length];
        int target = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int sourceX, int sourceY) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, width - 1 - x),
                    7 => (height - 1 - y, width - 1 - x),
                    _ => (height - 1 - y, x),
                };
                source.Slice(((sourceY * image.Width) + sourceX) * image.Channels, image.Channels).CopyTo(result.AsSpan(target));
                target += image.Channels;
            }
        }

        return result;
    }
}
