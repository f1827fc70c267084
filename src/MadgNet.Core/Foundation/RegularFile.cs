namespace MadgNet.Core.Foundation;

/// <summary>
/// Files that have an end. A named pipe, a socket or a device under an image's name would keep a program waiting, or fill its memory.
/// </summary>
public static class RegularFile
{
    /// <summary>Refuses what is neither a file nor a folder nor missing.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <exception cref="IOException">It is a named pipe, a socket or a device.</exception>
    public static void Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Special(path) is { } what)
        {
            throw new IOException($"it is {what}, no file");
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="IOException">It is missing, no regular file, larger than 2 GiB, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or may not be read.</exception>
    public static byte[] ReadAllBytes(string path)
    {
        Check(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>Reads a whole file of text.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <returns>Its content, by default UTF-8.</returns>
    /// <exception cref="IOException">It is missing, no regular file, too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or may not be read.</exception>
    public static string ReadAllText(string path)
    {
        Check(path);
        return File.ReadAllText(path);
    }

    /// <summary>Opens a file to be read.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <returns>The stream, which the caller disposes.</returns>
    /// <exception cref="IOException">It is missing, no regular file, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or may not be read.</exception>
    public static FileStream OpenRead(string path)
    {
        Check(path);
        return File.OpenRead(path);
    }

    /// <summary>What a path leads to, in words, where that is neither a file nor a folder nor nothing.</summary>
    internal static string? Special(string path) => FileStatus.Of(path)?.Kind switch
    {
        FileKind.Pipe => "a named pipe",
        FileKind.Socket => "a socket",
        FileKind.Device => "a device",
        _ => null,
    };
}
