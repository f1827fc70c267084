using System.Runtime.InteropServices;

namespace MadgNet.Core.Foundation;

/// <summary>Writes a file so that at every moment either the old one or the complete new one is there, also after a power failure.</summary>
internal static partial class AtomicFile
{
    /// <summary>The length of a temporary file's name: a dot, 32 hexadecimal digits and <c>.tmp</c>.</summary>
    private const int TemporaryLength = 37;

    /// <summary>
    /// Writes beside the path, forces the content to the disk, renames and forces the folder to the disk. When anything
    /// fails, the temporary file is removed and an existing file stays as it was.
    /// </summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="length">Bytes that will be written, reserved at once so that a full disk is noticed at the start.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, long length, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? "";
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                PreallocationSize = length,
            }))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        FlushFolder(folder);
    }

    /// <summary>Whether a file has the name of a temporary one: left by a process that ended while it was writing.</summary>
    public static bool IsTemporary(string path)
    {
        ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
        return name.Length == TemporaryLength && name[0] == '.' && name.EndsWith(".tmp", StringComparison.Ordinal)
            && name[1..33].IndexOfAnyExcept("0123456789abcdef") < 0;
    }

    /// <summary>
    /// Forces the names in a folder to the disk: without it a power failure can undo the renaming, though never tear a file.
    /// Windows does so by itself. A file system that cannot do it says so here and nothing can be done about it, so that the
    /// answer is not looked at.
    /// </summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, 0);
        if (descriptor >= 0)
        {
            _ = Flush(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The failure that is already on its way says more than the file that could not be cleared away.
        }
    }
}
