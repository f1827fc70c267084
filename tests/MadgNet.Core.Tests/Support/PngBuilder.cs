using System.Buffers.Binary;
using System.IO.Compression;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Builds PNG files of kinds that the library reads but does not write, and broken ones.</summary>
internal static class PngBuilder
{
    /// <summary>A file with a header and given raw rows, each of which begins with its filter.</summary>
    public static byte[] Build(int width, int height, int bitDepth, int colorType, int interlace, byte[] rows, byte[]? palette = null)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)bitDepth, (byte)colorType, (byte)interlace);
        Chunk(stream, "IHDR"u8, header);
        if (palette is not null)
        {
            Chunk(stream, "PLTE"u8, palette);
        }

        using var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write(rows);
        }

        byte[] data = compressed.ToArray();
        // Two chunks, as many encoders write them.
        Chunk(stream, "IDAT"u8, data.AsSpan(0, data.Length / 2));
        Chunk(stream, "IDAT"u8, data.AsSpan(data.Length / 2));
        Chunk(stream, "IEND"u8, []);
        return stream.ToArray();
    }

    /// <summary>The rows of an Adam7-interlaced 8-bit grey image, unfiltered (ISO/IEC 15948, 8.2).</summary>
    public static byte[] Interlace(PixelImage image)
    {
        var rows = new List<byte>();
        foreach ((int startX, int startY, int stepX, int stepY) in new[]
        {
            (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
        })
        {
            for (int y = startY; y < image.Height && startX < image.Width; y += stepY)
            {
                rows.Add(0);
                for (int x = startX; x < image.Width; x += stepX)
                {
                    rows.Add((byte)image[x, y, 0]);
                }
            }
        }

        return [.. rows];
    }

    private static void Chunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        byte[] chunk = [.. type, .. body];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        stream.Write(number);
        stream.Write(chunk);
        BinaryPrimitives.WriteUInt32BigEndian(number, Checksum(chunk));
        stream.Write(number);
    }

    /// <summary>The checksum bit by bit as the standard's text has it, so that an error in the library's table would show.</summary>
    private static uint Checksum(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        return ~crc;
    }
}
