using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>Makes damaged inputs of good ones; the same seed damages the same way.</summary>
internal static class FuzzMutation
{
    private static readonly long[] Numbers =
    [
        0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, long.MaxValue,
        -1, long.MinValue,
    ];

    private static readonly string[] Words =
    [
        "-1", "0", "1e999", "-1e999", "NaN", "1.5", "99999999999999999999", "2147483648", "null", "true", "\"\"", "[]", "{}", "[[[[", "\"",
        "'", ",", ":", "\\", "\\u0000", "\\ud800", "\0", "\uFEFF", "é", "😀", "/", "..", "|", "\t", "\r\n", ";",
    ];

    /// <summary>Damages a binary input in one to four places.</summary>
    public static byte[] Bytes(byte[] content, IReadOnlyList<(string Extension, byte[] Content)> corpus, Random random)
    {
        if (random.Next(3) == 0 && Png.Read(content) is { } png)
        {
            return png.Damaged(random);
        }

        var bytes = new List<byte>(content);
        for (int step = Steps(random); step > 0 && bytes.Count > 0; step--)
        {
            // The structure of a file lies at its start and end more than in its middle.
            int at = random.Next(3) == 0
                ? random.Next(bytes.Count)
                : random.Next(2) == 0 ? random.Next(Math.Min(256, bytes.Count)) : bytes.Count - 1 - random.Next(Math.Min(256, bytes.Count));
            switch (random.Next(3) > 0 ? random.Next(3) : random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    Overwrite(bytes, at, random);
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 65), bytes.Count - at));
                    break;
                case 5:
                    bytes.InsertRange(
                        at,
                        bytes.GetRange(random.Next(bytes.Count), 1)
                            .Concat(Enumerable.Range(0, random.Next(1, 33)).Select(_ => (byte)random.Next(256)))
                            .ToArray());
                    break;
                case 6:
                    int length = Math.Min(random.Next(1, 129), bytes.Count - at);
                    byte[] part = [.. bytes.GetRange(at, length)];
                    bytes.InsertRange(random.Next(bytes.Count), part);
                    break;
                default:
                    byte[] other = corpus[random.Next(corpus.Count)].Content;
                    int from = random.Next(other.Length);
                    byte[] piece = [.. other.Skip(from).Take(random.Next(1, 257))];
                    bytes.RemoveRange(at, Math.Min(piece.Length, bytes.Count - at));
                    bytes.InsertRange(at, piece);
                    break;
            }
        }

        byte[] result = [.. bytes];

        // Otherwise the checksums would keep nearly every damage away from the decoder.
        return random.Next(4) == 0 ? result : WithChecksums(result);
    }

    /// <summary>Damages a text: as bytes now and then, mostly by words and numbers where others stood.</summary>
    public static byte[] Text(byte[] content, IReadOnlyList<(string Extension, byte[] Content)> corpus, Random random)
    {
        if (random.Next(5) == 0)
        {
            return Bytes(content, corpus, random);
        }

        var text = new StringBuilder(Encoding.UTF8.GetString(content));
        for (int step = Steps(random); step > 0 && text.Length > 0; step--)
        {
            int at = random.Next(text.Length);
            int end = at;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '.' or '-'))
            {
                end++;
            }

            while (at > 0 && end > at && (char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '.' or '-'))
            {
                at--;
            }

            string word = random.Next(3) == 0
                ? Numbers[random.Next(Numbers.Length)].ToString(CultureInfo.InvariantCulture)
                : Words[random.Next(Words.Length)];
            switch (random.Next(6))
            {
                case 0 or 1:
                    text.Remove(at, end - at).Insert(at, word);
                    break;
                case 2:
                    text.Insert(at, word);
                    break;
                case 3:
                    text.Remove(at, 1);
                    break;
                case 4:
                    int length = Math.Min(random.Next(1, 200), text.Length - at);
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                default:
                    text.Remove(at, Math.Min(random.Next(1, 100), text.Length - at));
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Half of the inputs are damaged in one place only: what is damaged badly is refused at the door.</summary>
    private static int Steps(Random random) => random.Next(2) == 0 ? 1 : random.Next(2, 5);

    /// <summary>A PNG whose chunks have the right checksums again; anything else as it is.</summary>
    private static byte[] WithChecksums(byte[] content)
    {
        if (content.Length < 8 || content[0] != 0x89 || content[1] != (byte)'P')
        {
            return content;
        }

        int position = 8;
        while (content.Length - position >= 12)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(position));
            if (length > content.Length - position - 12)
            {
                break;
            }

            int end = position + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(end), Crc32.Compute(content.AsSpan(position + 4, 4 + (int)length)));
            position = end + 4;
        }

        return content;
    }

    /// <summary>A PNG taken apart, so that header and pixels can be damaged below a compression and checksums that are right.</summary>
    private sealed record Png(List<(string Type, byte[] Body)> Chunks, byte[] Pixels)
    {
        public static Png? Read(byte[] content)
        {
            if (content.Length < 8 || content[0] != 0x89 || content[1] != (byte)'P')
            {
                return null;
            }

            var chunks = new List<(string, byte[])>();
            for (int position = 8; content.Length - position >= 12;)
            {
                uint length = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(position));
                if (length > content.Length - position - 12)
                {
                    return null;
                }

                chunks.Add((Encoding.ASCII.GetString(content, position + 4, 4), content.AsSpan(position + 8, (int)length).ToArray()));
                position += 12 + (int)length;
            }

            using var packed = new MemoryStream([.. chunks.Where(chunk => chunk.Item1 == "IDAT").SelectMany(chunk => chunk.Item2)]);
            using var inflater = new ZLibStream(packed, CompressionMode.Decompress);
            using var pixels = new MemoryStream();
            inflater.CopyTo(pixels);
            return new Png(chunks, pixels.ToArray());
        }

        public byte[] Damaged(Random random)
        {
            byte[] pixels = [.. Pixels];
            for (int i = random.Next(8); i > 0 && pixels.Length > 0; i--)
            {
                // Small values also make other filters of rows than the writer's.
                pixels[random.Next(pixels.Length)] = (byte)(random.Next(2) == 0 ? random.Next(6) : random.Next(256));
            }

            if (random.Next(6) == 0)
            {
                Array.Resize(ref pixels, Math.Max(0, pixels.Length + random.Next(-40, 40)));
            }

            using var packed = new MemoryStream();
            using (var deflater = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflater.Write(pixels);
            }

            using var result = new MemoryStream();
            result.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
            bool written = false;
            foreach ((string type, byte[] body) in Chunks)
            {
                byte[] content = type == "IDAT" ? written ? [] : packed.ToArray() : [.. body];
                written |= type == "IDAT";
                if (type is "IHDR" or "PLTE" && content.Length > 0 && random.Next(3) == 0)
                {
                    content[random.Next(content.Length)] = (byte)(random.Next(2) == 0 ? random.Next(17) : random.Next(256));
                }

                if (random.Next(20) != 0)
                {
                    Write(result, type, content);
                }
            }

            return result.ToArray();
        }

        private static void Write(MemoryStream stream, string type, byte[] body)
        {
            var chunk = new byte[12 + body.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
            Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
            body.CopyTo(chunk, 8);
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), Crc32.Compute(chunk.AsSpan(4, 4 + body.Length)));
            stream.Write(chunk);
        }
    }

    private static void Overwrite(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        long value = Numbers[random.Next(Numbers.Length)];
        int size = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            number = number[(8 - size)..];
        }

        for (int i = 0; i < size && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[i];
        }
    }
}
