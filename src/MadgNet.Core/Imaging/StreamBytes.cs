namespace MadgNet.Core.Imaging;

/// <summary>Takes the content of a file or stream into memory; whatever goes wrong is an <see cref="ImageReadException"/>.</summary>
internal static class StreamBytes
{
    /// <summary>After so many bytes the beginning must look like an image, so that an endless input is not read on and on.</summary>
    private const int Judged = 1 << 20;

    private const int Piece = 1 << 16;

    /// <summary>Whether the beginning of an input may belong to what is to be read.</summary>
    public delegate bool Recognizer(ReadOnlySpan<byte> start);

    public static string NameOf(Stream stream) => stream is FileStream file ? file.Name : "stream";

    public static byte[] ReadFile(string path, long limit, Recognizer recognizes, string expected = "a readable image file")
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            return Read(file, path, limit, recognizes);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw new ImageReadException(
                path,
                error is FileNotFoundException or DirectoryNotFoundException ? "no such file" : error.Message.TrimEnd('.'),
                expected,
                "Check the path and the permissions",
                error);
        }
    }

    public static byte[] Read(Stream stream, string name, long limit, Recognizer recognizes)
    {
        using var content = new MemoryStream();
        try
        {
            Reserve(content, stream, name, limit);
            var piece = new byte[Piece];
            while (stream.Read(piece) is > 0 and int count)
            {
                Take(content, piece.AsSpan(0, count), name, limit, recognizes);
            }
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(name, error);
        }

        return Bytes(content);
    }

    public static async Task<byte[]> ReadAsync(
        Stream stream, string name, long limit, Recognizer recognizes, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        try
        {
            Reserve(content, stream, name, limit);
            var piece = new byte[Piece];
            while (await stream.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                Take(content, piece.AsSpan(0, count), name, limit, recognizes);
            }
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(name, error);
        }

        return Bytes(content);
    }

    /// <summary>Nothing to judge by: every beginning may be the right one.</summary>
    public static bool Anything(ReadOnlySpan<byte> start) => true;

    private static void Reserve(MemoryStream content, Stream stream, string name, long limit)
    {
        if (!stream.CanSeek)
        {
            return;
        }

        long rest = stream.Length - stream.Position;
        if (rest > limit)
        {
            throw TooLong(name, $"{rest} bytes", limit);
        }

        content.Capacity = (int)Math.Clamp(rest, 0, limit);
    }

    private static void Take(MemoryStream content, ReadOnlySpan<byte> piece, string name, long limit, Recognizer recognizes)
    {
        long before = content.Length;
        if (before + piece.Length > limit)
        {
            throw TooLong(name, $"more than {limit} bytes", limit);
        }

        content.Write(piece);
        if (before < Judged && content.Length >= Judged && !recognizes(content.GetBuffer().AsSpan(0, Judged)))
        {
            throw new ImageReadException(
                name,
                $"an input that does not begin as a file of a known format and goes on after {Judged} bytes",
                "a file of a format that is read",
                "Check the path; convert the file, or add a reader of its format to ImageReader");
        }
    }

    private static byte[] Bytes(MemoryStream content) =>
        content.Length == content.Capacity && content.TryGetBuffer(out ArraySegment<byte> whole) && whole.Count == whole.Array!.Length
            ? whole.Array
            : content.ToArray();

    private static ImageReadException TooLong(string name, string received, long limit) => new(
        name, received, $"at most {limit} bytes", "Raise ImageReadOptions.MaximumBytes if the file can be trusted")
    {
        IsTooLarge = true,
    };

    private static bool IsUnreadable(Exception error) => error is IOException or NotSupportedException or UnauthorizedAccessException;

    private static ImageReadException Unreadable(string name, Exception error) =>
        new(name, error.Message.TrimEnd('.'), "a readable stream", "Check where the stream comes from", error);
}
