using System.Buffers.Binary;
using System.Text;

namespace MadgNet.Core.Data;

/// <summary>
/// Reads tables and lists of names that people and programs have written: UTF-8, UTF-16 with or without its mark, or Windows-1252
/// where the bytes are no UTF-8. What is no text is refused after its first megabyte, not read to its end.
/// </summary>
internal static class TextFile
{
    /// <summary>No line of names comes near this; a file without line ends, or one that is no text, does.</summary>
    private const int LongestLine = 1 << 20;

    private const long LongestFile = 256L << 20;

    /// <summary>What Windows-1252 has where Latin-1 has control characters (0x80 to 0x9F); five bytes have no character.</summary>
    private const string Windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    /// <summary>The text of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, for a message.</param>
    /// <exception cref="DatasetException">The file cannot be read, or has a line or a length that no text has.</exception>
    public static string Read(string path, string expected)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            return Decode(ReadAll(file, path, expected));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new DatasetException(
                [new Problem(
                    path,
                    error is FileNotFoundException or DirectoryNotFoundException ? "no such file" : error.Message.TrimEnd('.'),
                    expected,
                    "Check the path")],
                error);
        }
    }

    /// <summary>The lines of a text, whichever of the three line ends it has.</summary>
    public static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n');

    private static byte[] ReadAll(FileStream file, string path, string expected)
    {
        using var content = new MemoryStream();
        var piece = new byte[1 << 16];
        int line = 0;
        while (file.Read(piece) is > 0 and int count)
        {
            ReadOnlySpan<byte> read = piece.AsSpan(0, count);
            int end = read.LastIndexOfAny((byte)'\n', (byte)'\r');
            line = end < 0 ? line + count : count - end;
            if (line > LongestLine || content.Length > LongestFile)
            {
                throw new DatasetException(new Problem(
                    path,
                    line > LongestLine ? $"a line of more than {LongestLine} bytes" : $"more than {LongestFile} bytes",
                    expected,
                    "Check that the file is the one meant: it is no text of names"));
            }

            content.Write(read);
        }

        return content.ToArray();
    }

    private static string Decode(byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith(new byte[] { 0xFF, 0xFE }) || bytes.AsSpan().StartsWith(new byte[] { 0xFE, 0xFF }))
        {
            return Wide(bytes.AsSpan(2), bytes[0] == 0xFF);
        }

        if (bytes.Length >= 4 && bytes.Length % 2 == 0)
        {
            // Names of other scripts have few zeros; the commas, dots and letters of any table have one beside each.
            int half = bytes.Length / 2;
            int even = 0;
            int odd = 0;
            for (int i = 0; i < bytes.Length; i += 2)
            {
                even += bytes[i] == 0 ? 1 : 0;
                odd += bytes[i + 1] == 0 ? 1 : 0;
            }

            if ((odd > half / 2 && even == 0) || (even > half / 2 && odd == 0))
            {
                return Wide(bytes, odd > even);
            }
        }

        ReadOnlySpan<byte> text = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text);
        }
        catch (DecoderFallbackException)
        {
            return string.Create(text.Length, text.ToArray(), (characters, source) =>
            {
                for (int i = 0; i < source.Length; i++)
                {
                    characters[i] = source[i] is >= 0x80 and <= 0x9F ? Windows1252[source[i] - 0x80] : (char)source[i];
                }
            });
        }
    }

    private static string Wide(ReadOnlySpan<byte> bytes, bool little)
    {
        var text = new StringBuilder(bytes.Length / 2);
        for (int i = 0; i + 1 < bytes.Length; i += 2)
        {
            text.Append((char)(little
                ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..])
                : BinaryPrimitives.ReadUInt16BigEndian(bytes[i..])));
        }

        return text.ToString();
    }
}
