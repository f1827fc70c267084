using System.Buffers.Binary;

namespace MadgNet.Core.Imaging;

/// <summary>The eight orientations of EXIF and TIFF (tag 274): how the stored rows and columns are to be shown.</summary>
internal static class Orientation
{
    private const int Tag = 274;

    /// <summary>The orientation that EXIF data name, which are laid out as a TIFF; 1 where they name none or are damaged.</summary>
    public static int OfExif(ReadOnlySpan<byte> exif)
    {
        bool little = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || !(little || exif.StartsWith("MM\0*"u8)))
        {
            return 1;
        }

        uint start = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (start > exif.Length - 2)
        {
            return 1;
        }

        int entries = Short(exif[(int)start..], little);
        for (int i = 0; i < entries; i++)
        {
            long entry = start + 2 + (12L * i);
            if (entry > exif.Length - 12)
            {
                return 1;
            }

            ReadOnlySpan<byte> field = exif.Slice((int)entry, 12);
            if (Short(field, little) == Tag)
            {
                return Short(field[8..], little) is >= 1 and <= 8 and int orientation ? orientation : 1;
            }
        }

        return 1;
    }

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
            : new PixelImage(width, height, image.Channels, Remap(image.Words, image, width, height, orientation), image.Offset)
            {
                Scale = image.Scale,
            };
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

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
