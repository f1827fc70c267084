namespace MadgNet.Core.Imaging;

/// <summary>Takes the content of a stream into memory; whatever goes wrong is an <see cref="ImageReadException"/>.</summary>
internal static class StreamBytes
{
    public static string NameOf(Stream stream) => stream is FileStream file ? file.Name : "stream";

    public static byte[] Read(Stream stream, string name)
    {
        using var content = new MemoryStream();
        try
        {
            stream.CopyTo(content);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(name, error);
        }

        return content.ToArray();
    }

    public static async Task<byte[]> ReadAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        try
        {
            await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(name, error);
        }

        return content.ToArray();
    }

    private static bool IsUnreadable(Exception error) => error is IOException or NotSupportedException or UnauthorizedAccessException;

    private static ImageReadException Unreadable(string name, Exception error) =>
        new(name, error.Message.TrimEnd('.'), "a readable stream of at most 2 GiB", "Check where the stream comes from", error);
}
