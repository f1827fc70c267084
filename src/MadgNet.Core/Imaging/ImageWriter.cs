using System.Buffers.Binary;
using System.IO.Compression;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Writes PNG: 8 and 16 bit, grey, RGB, with alpha, and 8-bit palette images for label maps. A file appears whole or not
/// at all: it is written beside its target, flushed to disk and renamed.
/// </summary>
public static class ImageWriter
{
    /// <summary>Writes an image to a PNG file; an existing file is replaced.</summary>
    /// <param name="image">The image; its bit depth and channels decide the file's.</param>
    /// <param name="path">The file; its folder must exist.</param>
    public static void Write(PixelImage image, string path)
    {
        ArgumentNullException.ThrowIfNull(image);
        AtomicFile.Write(path, stream => Write(image, stream));
    }

    /// <summary>Writes an image as PNG to a stream, which stays open.</summary>
    /// <param name="image">The image; its bit depth and channels decide the format's.</param>
    /// <param name="stream">A writable stream.</param>
    public static void Write(PixelImage image, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(stream);
        int colorType = image.Channels switch
        {
            1 => 0,
            3 => 2,
            _ => 6,
        };
        WritePng(image, stream, colorType, null);
    }

    /// <summary>
    /// Writes floats of 0..1 to an 8-bit PNG file: 1 channel gives grey, 3 give RGB; values outside are clipped, NaN becomes 0.
    /// </summary>
    /// <param name="image">1×H×W or 3×H×W.</param>
    /// <param name="path">The file; its folder must exist.</param>
    public static void Write(FloatImage image, string path) => Write(ToPixels(image), path);

    /// <summary>Writes floats of 0..1 as 8-bit PNG to a stream, which stays open.</summary>
    /// <param name="image">1×H×W or 3×H×W; values outside 0..1 are clipped, NaN becomes 0.</param>
    /// <param name="stream">A writable stream.</param>
    public static void Write(FloatImage image, Stream stream) => Write(ToPixels(image), stream);

    /// <summary>
    /// Writes a label map to an 8-bit palette PNG file, so that viewers show it in colours and readers get the indices back.
    /// </summary>
    /// <param name="indices">One 8-bit channel of indices.</param>
    /// <param name="palette">The colour of every index in use, 1 to 256 of them.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="ArgumentException">The image is not 8-bit grey, or it uses an index that the palette lacks.</exception>
    public static void WritePalette(PixelImage indices, IReadOnlyList<(byte Red, byte Green, byte Blue)> palette, string path)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(palette);
        AtomicFile.Write(path, stream => WritePalette(indices, palette, stream));
    }

    /// <summary>Writes a label map as 8-bit palette PNG to a stream, which stays open.</summary>
    /// <param name="indices">One 8-bit channel of indices.</param>
    /// <param name="palette">The colour of every index in use, 1 to 256 of them.</param>
    /// <param name="stream">A writable stream.</param>
    /// <exception cref="ArgumentException">The image is not 8-bit grey, or it uses an index that the palette lacks.</exception>
    public static void WritePalette(PixelImage indices, IReadOnlyList<(byte Red, byte Green, byte Blue)> palette, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(palette);
        ArgumentNullException.ThrowIfNull(stream);
        if (indices.Channels != 1 || indices.BitDepth != 8)
        {
            throw new ArgumentException(
                $"received {indices.Channels} channels of {indices.BitDepth} bits; expected one channel of 8-bit indices. Convert the "
                    + $"label map first.",
                nameof(indices));
        }

        byte largest = 0;
        foreach (byte index in indices.Bytes)
        {
            largest = Math.Max(largest, index);
        }

        if (palette.Count is < 1 or > 256 || palette.Count <= largest)
        {
            throw new ArgumentException(
                $"received a palette of {palette.Count} colours for indices up to {largest}; expected {largest + 1} to 256. Give every "
                    + $"index a colour.",
                nameof(palette));
        }

        WritePng(indices, stream, 3, [.. palette.SelectMany(color => new[] { color.Red, color.Green, color.Blue })]);
    }

    private static PixelImage ToPixels(FloatImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Channels is not (1 or 3))
        {
            throw new ArgumentException(
                $"received an image of {image.Channels} channels; expected 1 (grey) or 3 (RGB). Select the channels to show.",
                nameof(image));
        }

        int count = image.Height * image.Width;
        var bytes = new byte[count * image.Channels];
        for (int c = 0; c < image.Channels; c++)
        {
            Span<float> plane = image.Plane(c);
            for (int i = 0; i < count; i++)
            {
                float value = float.IsNaN(plane[i]) ? 0 : Math.Clamp(plane[i], 0, 1);
                bytes[(i * image.Channels) + c] = (byte)((value * 255) + 0.5f);
            }
        }

        return new PixelImage(image.Width, image.Height, image.Channels, bytes);
    }

    private static void WritePng(PixelImage image, Stream stream, int colorType, byte[]? palette)
    {
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = (byte)image.BitDepth;
        header[9] = (byte)colorType;
        header[10..].Clear();
        WriteChunk(stream, "IHDR"u8, header);
        if (palette is not null)
        {
            WriteChunk(stream, "PLTE"u8, palette);
        }

        using var compressed = new MemoryStream();
        using (var deflater = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            WriteRows(image, deflater);
        }

        WriteChunk(stream, "IDAT"u8, compressed.GetBuffer().AsSpan(0, (int)compressed.Length));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static void WriteRows(PixelImage image, ZLibStream deflater)
    {
        int samples = image.Width * image.Channels;
        int step = image.Channels * image.BitDepth / 8;
        int stride = samples * image.BitDepth / 8;
        var line = new byte[stride];
        var previous = new byte[stride];
        var filtered = new byte[stride + 1];
        // "Up" compresses the smooth pictures of this field well; label maps are best left unfiltered, and both are legal.
        bool flat = step == 1;
        for (int y = 0; y < image.Height; y++)
        {
            if (image.BitDepth == 8)
            {
                image.Bytes.Slice(y * samples, samples).CopyTo(line);
            }
            else
            {
                ReadOnlySpan<ushort> words = image.Words.Slice(y * samples, samples);
                for (int i = 0; i < samples; i++)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(line.AsSpan(i * 2), words[i]);
                }
            }

            filtered[0] = flat ? (byte)0 : (byte)2;
            for (int i = 0; i < stride; i++)
            {
                filtered[i + 1] = flat ? line[i] : (byte)(line[i] - previous[i]);
            }

            deflater.Write(filtered);
            (line, previous) = (previous, line);
        }
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        var chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        type.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), Crc32.Compute(chunk.AsSpan(4, 4 + body.Length)));
        stream.Write(chunk);
    }
}
