using System.Buffers.Binary;
using System.IO.Compression;
using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// Writes TIFF files of every kind byte by byte after the standard (TIFF 6.0; BigTIFF), without LibTiff, so that a fault of its
/// writer and reader together would show.
/// </summary>
internal static class TiffForge
{
    /// <summary>A file of one page.</summary>
    /// <param name="samples">height·width·samples stored values, interleaved.</param>
    /// <param name="width">Columns as stored.</param>
    /// <param name="height">Rows as stored.</param>
    /// <param name="meaning">What they mean.</param>
    /// <param name="form">How they lie in the file.</param>
    public static byte[] Write(int[] samples, int width, int height, TiffSamplesForm meaning, TiffFileForm form)
    {
        int blockWidth = form.Tile ?? width;
        int blockHeight = form.Tile ?? Math.Min(form.Rows, height);
        int planes = form.Separate ? meaning.Samples : 1;
        var blocks = new List<byte[]>();
        for (int plane = 0; plane < planes; plane++)
        {
            for (int top = 0; top < height; top += blockHeight)
            {
                for (int left = 0; left < width; left += blockWidth)
                {
                    int rows = form.Tile is null ? Math.Min(blockHeight, height - top) : blockHeight;
                    blocks.Add(Block(samples, (width, height), (left, top, blockWidth, rows), plane, meaning, form));
                }
            }
        }

        var tags = new List<(int Tag, int Type, long[] Values)>
        {
            (256, 4, [width]),
            (257, 4, [height]),
            (258, 3, [.. Enumerable.Repeat((long)meaning.Bits, meaning.Samples)]),
            (259, 3, [(int)form.Compression]),
            (262, 3, [(int)meaning.Photometric]),
            (266, 3, [form.ReversedBits ? 2 : 1]),
            (274, 3, [form.Orientation]),
            (277, 3, [meaning.Samples]),
            (284, 3, [form.Separate ? 2 : 1]),
            (317, 3, [form.Predictor ? 2 : 1]),
            (339, 3, [.. Enumerable.Repeat(meaning.Real ? 3L : meaning.Signed ? 2L : 1L, meaning.Samples)]),
        };
        if (meaning.Palette is { } palette)
        {
            tags.Add((320, 3, [.. palette.Select(value => (long)value)]));
        }

        if (meaning.Extra is { } extra)
        {
            tags.Add((338, 3, [.. extra.Select(value => (long)value)]));
        }

        if (form.Tile is not null)
        {
            tags.Add((322, 4, [blockWidth]));
            tags.Add((323, 4, [blockHeight]));
        }
        else
        {
            tags.Add((278, 4, [blockHeight]));
        }

        return Assemble(blocks, tags, form);
    }

    private static byte[] Assemble(List<byte[]> blocks, List<(int Tag, int Type, long[] Values)> tags, TiffFileForm form)
    {
        int offset = form.BigTiff ? 16 : 8;
        using var stream = new MemoryStream();
        stream.Write(form.BigEndian ? "MM"u8 : "II"u8);
        Number(stream, form.BigTiff ? 43 : 42, 2, form);
        if (form.BigTiff)
        {
            Number(stream, 8, 2, form);
            Number(stream, 0, 2, form);
        }

        int pixels = blocks.Sum(block => block.Length + (block.Length & 1));
        Number(stream, offset + pixels, form.BigTiff ? 8 : 4, form);
        var offsets = new List<long>();
        foreach (byte[] block in blocks)
        {
            offsets.Add(stream.Position);
            stream.Write(block);
            if (block.Length % 2 != 0)
            {
                stream.WriteByte(0);
            }
        }

        tags.Add((form.Tile is null ? 273 : 324, 4, [.. offsets]));
        tags.Add((form.Tile is null ? 279 : 325, 4, [.. blocks.Select(block => (long)block.Length)]));
        tags.Sort((one, other) => one.Tag.CompareTo(other.Tag));
        int inline = form.BigTiff ? 8 : 4;
        long after = stream.Position + (form.BigTiff ? 8 + (20 * tags.Count) + 8 : 2 + (12 * tags.Count) + 4);
        using var tail = new MemoryStream();
        Number(stream, tags.Count, form.BigTiff ? 8 : 2, form);
        foreach ((int tag, int type, long[] values) in tags)
        {
            int size = type == 3 ? 2 : 4;
            Number(stream, tag, 2, form);
            Number(stream, type, 2, form);
            Number(stream, values.Length, form.BigTiff ? 8 : 4, form);
            MemoryStream target = values.Length * size > inline ? tail : stream;
            if (target == tail)
            {
                Number(stream, after + tail.Position, inline, form);
            }

            foreach (long value in values)
            {
                Number(target, value, size, form);
            }

            for (int i = values.Length * size; target == stream && i < inline; i++)
            {
                stream.WriteByte(0);
            }
        }

        Number(stream, 0, form.BigTiff ? 8 : 4, form);
        stream.Write(tail.ToArray());
        return stream.ToArray();
    }

    private static byte[] Block(
        int[] samples,
        (int Width, int Height) size,
        (int Left, int Top, int Width, int Height) place,
        int plane,
        TiffSamplesForm meaning,
        TiffFileForm form)
    {
        int perPixel = form.Separate ? 1 : meaning.Samples;
        using var packed = new MemoryStream();
        for (int y = 0; y < place.Height; y++)
        {
            var row = new int[place.Width * perPixel];
            for (int x = 0; x < place.Width; x++)
            {
                for (int c = 0; c < perPixel; c++)
                {
                    // What lies outside of the image fills the last tiles.
                    int from = ((Math.Min(place.Top + y, size.Height - 1) * size.Width) + Math.Min(place.Left + x, size.Width - 1))
                        * meaning.Samples;
                    row[(x * perPixel) + c] = samples[from + (form.Separate ? plane : c)];
                }
            }

            for (int i = row.Length - 1; form.Predictor && i >= perPixel; i--)
            {
                row[i] = (row[i] - row[i - perPixel]) & ((1 << meaning.Bits) - 1);
            }

            Pack(packed, row, meaning.Bits, form.BigEndian);
        }

        byte[] raw = packed.ToArray();
        byte[] result = form.Compression switch
        {
            Compression.NONE => raw,
            Compression.PACKBITS => PackBits(raw),
            Compression.LZW => Lzw(raw),
            Compression.ADOBE_DEFLATE => Deflate(raw),
            _ => throw new ArgumentOutOfRangeException(nameof(form), form.Compression, "not written here"),
        };
        return form.ReversedBits ? [.. result.Select(Reverse)] : result;
    }

    private static void Pack(MemoryStream stream, int[] row, int bits, bool bigEndian)
    {
        if (bits is 16 or 32)
        {
            Span<byte> word = stackalloc byte[4];
            foreach (int value in row)
            {
                if (bigEndian)
                {
                    BinaryPrimitives.WriteInt32BigEndian(word, value << (32 - bits));
                }
                else
                {
                    BinaryPrimitives.WriteInt32LittleEndian(word, value);
                }

                stream.Write(word[..(bits / 8)]);
            }

            return;
        }

        int held = 0;
        int count = 0;
        foreach (int value in row)
        {
            for (int bit = bits - 1; bit >= 0; bit--)
            {
                held = (held << 1) | ((value >> bit) & 1);
                if (++count == 8)
                {
                    stream.WriteByte((byte)held);
                    (held, count) = (0, 0);
                }
            }
        }

        if (count > 0)
        {
            stream.WriteByte((byte)(held << (8 - count)));
        }
    }

    /// <summary>Runs of equal bytes and pieces of others (TIFF 6.0, section 9).</summary>
    private static byte[] PackBits(byte[] raw)
    {
        var packed = new List<byte>();
        for (int i = 0; i < raw.Length;)
        {
            int run = 1;
            while (i + run < raw.Length && run < 128 && raw[i + run] == raw[i])
            {
                run++;
            }

            if (run > 1)
            {
                packed.AddRange([(byte)(257 - run), raw[i]]);
            }
            else
            {
                packed.AddRange([0, raw[i]]);
            }

            i += run;
        }

        return [.. packed];
    }

    /// <summary>Codes of nine bits with a clear code before they would become longer (TIFF 6.0, section 13).</summary>
    private static byte[] Lzw(byte[] raw)
    {
        var codes = new List<int>();
        for (int i = 0; i < raw.Length; i++)
        {
            if (i % 200 == 0)
            {
                codes.Add(256);
            }

            codes.Add(raw[i]);
        }

        codes.Add(257);
        var packed = new byte[((codes.Count * 9) + 7) / 8];
        for (int i = 0; i < codes.Count * 9; i++)
        {
            packed[i / 8] |= (byte)(((codes[i / 9] >> (8 - (i % 9))) & 1) << (7 - (i % 8)));
        }

        return packed;
    }

    private static byte[] Deflate(byte[] raw)
    {
        using var stream = new MemoryStream();
        using (var deflater = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write(raw);
        }

        return stream.ToArray();
    }

    private static byte Reverse(byte value)
    {
        int reversed = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            reversed |= ((value >> bit) & 1) << (7 - bit);
        }

        return (byte)reversed;
    }

    private static void Number(Stream stream, long value, int bytes, TiffFileForm form)
    {
        for (int i = 0; i < bytes; i++)
        {
            int shift = form.BigEndian ? 8 * (bytes - 1 - i) : 8 * i;
            stream.WriteByte((byte)(value >> shift));
        }
    }
}
