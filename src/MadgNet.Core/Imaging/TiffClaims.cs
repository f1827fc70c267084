using System.Buffers.Binary;

namespace MadgNet.Core.Imaging;

/// <summary>
/// What the directory of a TIFF page claims, read before LibTiff allocates for it: sizes and numbers of strips that a few bytes cannot
/// hold are refused here.
/// </summary>
internal static class TiffClaims
{
    private const int Width = 256;
    private const int Height = 257;
    private const int RowsPerStrip = 278;
    private const int TileWidth = 322;
    private const int TileHeight = 323;

    /// <summary>Refuses a page that claims what the file cannot hold.</summary>
    /// <param name="source">The file.</param>
    /// <param name="page">Where the page's directory begins.</param>
    /// <param name="name">The name for messages.</param>
    /// <param name="whole">The options of an image that is read as a whole, whose size is limited; null for one read by windows.</param>
    public static void Check(TiffInput source, long page, string name, ImageReadOptions? whole)
    {
        Span<byte> start = stackalloc byte[4];
        if (!source.ReadAt(0, start))
        {
            return;
        }

        bool little = start[0] == (byte)'I';
        bool big = (little ? start[2] : start[3]) == 43;
        Span<byte> number = stackalloc byte[8];
        Span<byte> count = number[..(big ? 8 : 2)];
        if (!source.ReadAt(page, count))
        {
            return;
        }

        var values = new Dictionary<int, long>();
        Span<byte> entry = stackalloc byte[big ? 20 : 12];
        long entries = Math.Min(Number(count, little), source.Length / entry.Length);
        for (long i = 0; i < entries && source.ReadAt(page + count.Length + (i * entry.Length), entry); i++)
        {
            int tag = (int)Number(entry[..2], little);
            int type = (int)Number(entry[2..4], little);
            long items = Number(entry[4..(big ? 12 : 8)], little);
            if (tag is Width or Height or RowsPerStrip or TileWidth or TileHeight)
            {
                int size = SizeOf(type);
                if (items != 1 || size is 0 or > 8 || (size == 8 && !big))
                {
                    throw ImageReader.Damaged(name, $"a TIFF whose tag {tag} is no number (type {type}, {items} values)");
                }

                values[tag] = Number(entry[(big ? 12 : 8)..][..size], little);
            }
            else if (items < 0 || items > source.Length / Math.Max(1, SizeOf(type)))
            {
                // LibTiff would take memory for the values of any tag, or go through them one by one.
                throw ImageReader.Damaged(name, $"a TIFF whose tag {tag} claims {items} values in a file of {source.Length} bytes");
            }
        }

        Check(source, values, name, whole);
    }

    private static void Check(TiffInput source, Dictionary<int, long> values, string name, ImageReadOptions? whole)
    {
        long width = values.GetValueOrDefault(Width);
        long height = values.GetValueOrDefault(Height);
        if (whole is not null)
        {
            ImageReader.CheckSize(name, width, height, whole);
        }

        long blockWidth = values.TryGetValue(TileWidth, out long tileWidth) ? tileWidth : width;
        long blockHeight = values.TryGetValue(TileWidth, out _)
            ? values.GetValueOrDefault(TileHeight)
            : Math.Min(values.GetValueOrDefault(RowsPerStrip, height), height);
        if (width > 0 && height > 0 && blockWidth > 0 && blockHeight > 0)
        {
            double blocks = Math.Ceiling(width / (double)blockWidth) * Math.Ceiling(height / (double)blockHeight);
            if (blocks > source.Length)
            {
                throw ImageReader.Damaged(
                    name, $"a TIFF that claims {width}×{height} pixels in {blocks:F0} strips or tiles but holds {source.Length} bytes");
            }
        }
    }

    /// <summary>Bytes of a value of a type that holds whole numbers; 0 for others.</summary>
    private static int SizeOf(int type) => type switch
    {
        1 or 6 => 1,
        3 or 8 => 2,
        4 or 9 or 13 => 4,
        16 or 17 or 18 => 8,
        _ => 0,
    };

    private static long Number(ReadOnlySpan<byte> bytes, bool little)
    {
        Span<byte> eight = stackalloc byte[8];
        eight.Clear();
        if (little)
        {
            bytes.CopyTo(eight);
            return BinaryPrimitives.ReadInt64LittleEndian(eight);
        }

        bytes.CopyTo(eight[(8 - bytes.Length)..]);
        return BinaryPrimitives.ReadInt64BigEndian(eight);
    }
}
