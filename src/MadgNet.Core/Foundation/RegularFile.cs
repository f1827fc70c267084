namespace MadgNet.Core.Foundation;

/// <summary>
/// Files that have an end. A named pipe, a socket or a device under an image's name would keep a program waiting, or fill its memory.
/// </summary>
public static class RegularFile
{
    /// <summary>The longest text that is taken into memory as a whole, in bytes: 512 MiB.</summary>
    public const long LargestText = 512L << 20;

    /// <summary>Refuses what is neither a file nor a folder nor missing.</summary>
    /// <param name="path">The path; links are followed.</param>
    /// <exception cref="IOException">It is a named pipe, a socket or a device.</exception>
    public static void Check(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Special(path) is { } what)
        {
            throw new IOException($"{what}, no file");
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
        CheckText(path, LargestText);
        return File.ReadAllText(path);
    }

    /// <summary>Reads a whole file of text without holding the caller's thread.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    /// <returns>Its content, by default UTF-8.</returns>
    /// <exception cref="IOException">It is missing, no regular file, too large, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or may not be read.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    internal static Task<string> ReadAllTextAsync(string path, CancellationToken cancellationToken)
    {
        CheckText(path, LargestText);
        return File.ReadAllTextAsync(path, cancellationToken);
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

    /// <summary>Opens a file of text, such as JSON, that is taken into memory as a whole.</summary>
    /// <param name="path">The file; links are followed.</param>
    /// <param name="maximumBytes">The largest length that is read.</param>
    /// <returns>The stream, which the caller disposes.</returns>
    /// <exception cref="IOException">It is missing, no regular file, larger than that, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It is a folder, or may not be read.</exception>
    public static FileStream OpenRead(string path, long maximumBytes)
    {
        CheckText(path, maximumBytes);
        return File.OpenRead(path);
    }

    private static void CheckText(string path, long maximumBytes)
    {
        Check(path);
        if (new FileInfo(path) is { Exists: true, Length: var length } && length > maximumBytes)
        {
            throw new IOException($"a file of {length} bytes, where at most {maximumBytes} of text are read");
        }
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
