using System.Buffers.Binary;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Where the pages of a TIFF begin. The chain of pages is followed here rather than by LibTiff, which gives a file up whose
/// chain leads back into itself: such a file has the pages up to there.
/// </summary>
internal static class TiffDirectories
{
    /// <summary>More pages than any stack of slices has; a chain that goes on is not followed further.</summary>
    private const int Most = 65_536;

    private const int HeaderLength = 16;

    /// <summary>The positions of the pages in order; at least one where the header names one inside the file.</summary>
    public static IReadOnlyList<long> Offsets(TiffInput source)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        int length = (int)Math.Min(HeaderLength, source.Length);
        if (length < 8 || !source.ReadAt(0, header[..length]))
        {
            return [];
        }

        bool little = header[0] == (byte)'I';
        bool big = (little ? header[2] : header[3]) == 43;
        long offset = big ? Int64(header[8..], little) : UInt32(header[4..], little);
        var pages = new List<long>();
        var seen = new HashSet<long>();
        Span<byte> number = stackalloc byte[8];
        while (offset > 0 && pages.Count < Most && seen.Add(offset))
        {
            Span<byte> count = number[..(big ? 8 : 2)];
            if (!source.ReadAt(offset, count))
            {
                break;
            }

            pages.Add(offset);
            long entries = big ? Int64(count, little) : UInt16(count, little);
            long entryLength = big ? 20 : 12;
            if (entries < 0 || entries > source.Length / entryLength)
            {
                break;
            }

            Span<byte> next = number[..(big ? 8 : 4)];
            if (!source.ReadAt(offset + (big ? 8 : 2) + (entries * entryLength), next))
            {
                break;
            }

            offset = big ? Int64(next, little) : UInt32(next, little);
        }

        return pages;
    }

    private static long Int64(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes);

    private static long UInt32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static long UInt16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
