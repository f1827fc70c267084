using System.Buffers.Binary;
using System.IO.Compression;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Decodes PNG (ISO/IEC 15948). Written here because general decoders reduce 16 bits to 8, premultiply alpha or replace
/// palette indices, and label images and CT need what the file stores.
/// </summary>
internal static class PngDecoder
{
    /// <summary>
    /// Deflate cannot expand data more than this (RFC 1951: 258 bytes for two bits), which bounds what a short file can hold.
    /// </summary>
    private const long LargestExpansion = 1032;

    /// <summary>The bit of a chunk's first letter that says that an image can be shown without the chunk.</summary>
    private const int AncillaryBit = 0x20;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool Recognizes(ReadOnlySpan<byte> content) => content.StartsWith(Signature);

    public static PixelImage Decode(byte[] content, string name, ImageReadOptions options)
    {
        Header? header = null;
        byte[]? palette = null;
        byte[]? transparency = null;
        int orientation = 1;
        var data = new List<ArraySegment<byte>>();
        long dataLength = 0;
        int position = Signature.Length;
        bool ended = false;
        while (!ended)
        {
            if (content.Length - position < 12)
            {
                throw ImageReader.Damaged(name, $"a PNG that ends after {content.Length} bytes, before its last chunk");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(position));
            if (length > content.Length - position - 12)
            {
                throw ImageReader.Damaged(name, $"a PNG that ends after {content.Length} bytes inside a chunk of {length} bytes");
            }

            ReadOnlySpan<byte> type = content.AsSpan(position + 4, 4);
            var body = new ArraySegment<byte>(content, position + 8, (int)length);
            uint checksum = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(position + 8 + (int)length));
            if (Crc32.Compute(content.AsSpan(position + 4, 4 + (int)length)) != checksum)
            {
                // A comment, a colour profile: the pixels do not depend on it, and programs that edit them forget the checksum.
                if (header is not null && (type[0] & AncillaryBit) != 0)
                {
                    position += 12 + (int)length;
                    continue;
                }

                throw ImageReader.Damaged(name, $"a PNG whose chunk at byte {position} has a wrong checksum");
            }

            if (type.SequenceEqual("IHDR"u8))
            {
                header = Header.Parse(body, name);
                ImageReader.CheckSize(name, header.Width, header.Height, options);
            }
            else if (header is null)
            {
                throw ImageReader.Damaged(name, "a PNG that does not start with its header");
            }
            else if (type.SequenceEqual("PLTE"u8))
            {
                if (length == 0 || length % 3 != 0 || length > 768)
                {
                    throw ImageReader.Damaged(name, $"a PNG with a palette of {length} bytes");
                }

                palette = body.ToArray();
            }
            else if (type.SequenceEqual("tRNS"u8))
            {
                transparency = body.ToArray();
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                orientation = Orientation.OfExif(body);
            }
            else if (type.SequenceEqual("IDAT"u8))
            {
                data.Add(body);
                dataLength += length;
            }

            ended = type.SequenceEqual("IEND"u8);
            position += 12 + (int)length;
        }

        if (header!.ColorType == 3 && palette is null)
        {
            throw ImageReader.Damaged(name, "a palette PNG without its palette");
        }

        long rawLength = header.RawLength;
        if (rawLength > (dataLength * LargestExpansion) + LargestExpansion)
        {
            throw ImageReader.Damaged(
                name, $"a PNG that claims {header.Width}×{header.Height} pixels but holds {dataLength} compressed bytes, too few for them");
        }

        if (rawLength > Array.MaxLength)
        {
            throw new ImageReadException(
                name,
                $"{header.Width}×{header.Height} pixels of {rawLength} bytes",
                $"at most {Array.MaxLength} bytes",
                "Divide the image into tiles");
        }

        byte[] raw = Inflate(data, (int)rawLength, name);
        return Orientation.Apply(Assemble(header, raw, new Colors(palette, transparency), name, options), orientation);
    }

    private static byte[] Inflate(List<ArraySegment<byte>> data, int length, string name)
    {
        byte[] compressed = data.Count == 1 ? [] : [.. data.SelectMany(segment => segment)];
        using var source = data.Count == 1
            ? new MemoryStream(data[0].Array!, data[0].Offset, data[0].Count, false)
            : new MemoryStream(compressed, false);
        using var inflater = new ZLibStream(source, CompressionMode.Decompress);
        byte[] raw = GC.AllocateUninitializedArray<byte>(length);
        int read;
        try
        {
            read = inflater.ReadAtLeast(raw, length, throwOnEndOfStream: false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw ImageReader.Damaged(name, "a PNG whose compressed pixels are damaged", error);
        }

        return read == length
            ? raw
            : throw ImageReader.Damaged(name, $"a PNG whose pixels end after {read} of {length} bytes");
    }

    private static PixelImage Assemble(Header header, byte[] raw, Colors colors, string name, ImageReadOptions options)
    {
        bool indexed = header.ColorType == 3;
        bool indices = indexed && options.PaletteIndices;
        int channels = header.ColorType switch
        {
            4 when options.KeepAlpha => 4,
            0 or 4 => 1,
            2 => 3,
            3 when indices => 1,
            3 => options.KeepAlpha && colors.Transparency is not null ? 4 : 3,
            _ => 4,
        };
        long count = (long)header.Width * header.Height * channels;
        if (count > Array.MaxLength)
        {
            throw new ImageReadException(
                name,
                $"{header.Width}×{header.Height} pixels of {channels} channels",
                $"at most {Array.MaxLength} samples",
                "Divide the image into tiles");
        }

        bool wide = header.BitDepth == 16;
        byte[] bytes = wide ? [] : GC.AllocateUninitializedArray<byte>((int)count);
        ushort[] words = wide ? GC.AllocateUninitializedArray<ushort>((int)count) : [];
        int offset = 0;
        foreach (Pass pass in header.Passes())
        {
            int stride = header.Stride(pass.Width);
            var previous = new byte[stride];
            for (int row = 0; row < pass.Height; row++)
            {
                byte filter = raw[offset];
                Span<byte> line = raw.AsSpan(offset + 1, stride);
                Unfilter(filter, line, previous, header.BytesPerPixel, name);
                line.CopyTo(previous);
                int y = pass.StartY + (row * pass.StepY);
                if (wide)
                {
                    StoreWide(header, pass, line, words, y, channels);
                }
                else if (header.ColorType == 2 && pass.StepX == 1)
                {
                    line.CopyTo(bytes.AsSpan(y * header.Width * 3));
                }
                else
                {
                    StoreNarrow(header, pass, line, bytes, y, channels, indices ? default : colors, name);
                }

                offset += stride + 1;
            }
        }

        return wide
            ? new PixelImage(header.Width, header.Height, channels, words)
            : new PixelImage(header.Width, header.Height, channels, bytes);
    }

    private static void StoreWide(Header header, Pass pass, ReadOnlySpan<byte> line, ushort[] words, int y, int channels)
    {
        for (int column = 0; column < pass.Width; column++)
        {
            int target = ((y * header.Width) + pass.StartX + (column * pass.StepX)) * channels;
            int source = column * header.SamplesPerPixel * 2;
            for (int c = 0; c < channels; c++)
            {
                words[target + c] = BinaryPrimitives.ReadUInt16BigEndian(line[(source + (header.SampleOf(c, channels) * 2))..]);
            }
        }
    }

    private static void StoreNarrow(
        Header header, Pass pass, ReadOnlySpan<byte> line, byte[] bytes, int y, int channels, Colors colors, string name)
    {
        byte[]? palette = colors.Palette;
        int depth = header.BitDepth;
        int mask = (1 << depth) - 1;
        // Grey of fewer bits is widened to the full range; indices are numbers and stay what they are.
        int scale = header.ColorType == 0 ? 255 / mask : 1;
        for (int column = 0; column < pass.Width; column++)
        {
            int target = ((y * header.Width) + pass.StartX + (column * pass.StepX)) * channels;
            if (header.ColorType is 0 or 3)
            {
                int bit = column * depth;
                int value = (line[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
                if (header.ColorType == 3 && palette is not null)
                {
                    if ((value * 3) + 2 >= palette.Length)
                    {
                        throw ImageReader.Damaged(name, $"a PNG that uses colour {value} of a palette of {palette.Length / 3}");
                    }

                    palette.AsSpan(value * 3, 3).CopyTo(bytes.AsSpan(target));
                    if (channels == 4)
                    {
                        bytes[target + 3] = value < colors.Transparency!.Length ? colors.Transparency[value] : byte.MaxValue;
                    }
                }
                else
                {
                    bytes[target] = (byte)(value * scale);
                }

                continue;
            }

            int source = column * header.SamplesPerPixel;
            for (int c = 0; c < channels; c++)
            {
                bytes[target + c] = line[source + header.SampleOf(c, channels)];
            }
        }
    }

    private static void Unfilter(byte filter, Span<byte> line, ReadOnlySpan<byte> previous, int step, string name)
    {
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (int i = step; i < line.Length; i++)
                {
                    line[i] += line[i - step];
                }

                break;
            case 2:
                for (int i = 0; i < line.Length; i++)
                {
                    line[i] += previous[i];
                }

                break;
            case 3:
                for (int i = 0; i < line.Length; i++)
                {
                    int left = i >= step ? line[i - step] : 0;
                    line[i] += (byte)((left + previous[i]) >> 1);
                }

                break;
            case 4:
                for (int i = 0; i < line.Length; i++)
                {
                    int left = i >= step ? line[i - step] : 0;
                    int corner = i >= step ? previous[i - step] : 0;
                    line[i] += (byte)Paeth(left, previous[i], corner);
                }

                break;
            default:
                throw ImageReader.Damaged(name, $"a PNG with the unknown filter {filter}");
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private sealed record Header(int Width, int Height, int BitDepth, int ColorType, bool Interlaced)
    {
        public int SamplesPerPixel => ColorType switch
        {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        };

        /// <summary>The stored sample that a channel is taken from: grey and alpha become four channels of three equal colours.</summary>
        public int SampleOf(int channel, int channels) => ColorType == 4 && channels == 4 ? channel / 3 : channel;

        public int BytesPerPixel => Math.Max(1, SamplesPerPixel * BitDepth / 8);

        public long RawLength => Passes().Sum(pass => (long)pass.Height * (Stride(pass.Width) + 1L));

        public int Stride(int width) => checked((int)((((long)width * SamplesPerPixel * BitDepth) + 7) / 8));

        public static Header Parse(ReadOnlySpan<byte> body, string name)
        {
            if (body.Length != 13)
            {
                throw ImageReader.Damaged(name, $"a PNG header of {body.Length} bytes");
            }

            uint width = BinaryPrimitives.ReadUInt32BigEndian(body);
            uint height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
            int depth = body[8];
            int color = body[9];
            bool legal = color switch
            {
                0 => depth is 1 or 2 or 4 or 8 or 16,
                3 => depth is 1 or 2 or 4 or 8,
                2 or 4 or 6 => depth is 8 or 16,
                _ => false,
            };
            if (!legal || body[10] != 0 || body[11] != 0 || body[12] > 1 || width > int.MaxValue || height > int.MaxValue)
            {
                throw ImageReader.Damaged(
                    name, $"a PNG header that the standard does not allow (colour type {color}, {depth} bits, {width}×{height})");
            }

            return new Header((int)width, (int)height, depth, color, body[12] == 1);
        }

        /// <summary>The passes of Adam7 interlacing that hold pixels, or the one pass of a plain image.</summary>
        public IEnumerable<Pass> Passes()
        {
            if (!Interlaced)
            {
                yield return new Pass(0, 0, 1, 1, Width, Height);
                yield break;
            }

            ReadOnlyMemory<(int X, int Y, int StepX, int StepY)> adam7 = new[]
            {
                (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
            };
            for (int i = 0; i < adam7.Length; i++)
            {
                (int x, int y, int stepX, int stepY) = adam7.Span[i];
                int width = (Width - x + stepX - 1) / stepX;
                int height = (Height - y + stepY - 1) / stepY;
                if (width > 0 && height > 0)
                {
                    yield return new Pass(x, y, stepX, stepY, width, height);
                }
            }
        }
    }

    /// <summary>The palette and the transparency of its colours, where a file has them.</summary>
    private readonly record struct Colors(byte[]? Palette, byte[]? Transparency);

    private readonly record struct Pass(int StartX, int StartY, int StepX, int StepY, int Width, int Height);
}
