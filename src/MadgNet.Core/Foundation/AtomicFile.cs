using System.Runtime.InteropServices;

namespace MadgNet.Core.Foundation;

/// <summary>
/// A file that appears complete or not at all: at every moment either the old one or the complete new one is there, also after a
/// power failure. It is written beside its path and gets its name by <see cref="Complete"/>; disposing of it before that removes
/// what was written, and an existing file stays as it was.
/// </summary>
/// <example>
/// <code>
/// using var file = new AtomicFile("table.csv");
/// file.Stream.Write(content);
/// file.Complete();
/// </code>
/// </example>
public sealed partial class AtomicFile : IDisposable
{
    /// <summary>The length of a temporary file's name: a dot, 32 hexadecimal digits and <c>.tmp</c>.</summary>
    private const int TemporaryLength = 37;

    private readonly string _folder;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private bool _closed;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="length">Bytes that will be written, reserved at once so that a full disk is noticed at the start; 0 where
    /// unknown.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="IOException">The folder is missing, the disk is full, or at the path there is a device, a pipe or a socket, which
    /// a file must not replace.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public AtomicFile(string path, long length = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Path = System.IO.Path.GetFullPath(path);
        if (RegularFile.Special(Path) is { } special)
        {
            throw new IOException($"'{Path}' is {special}, which a file does not replace");
        }

        _folder = System.IO.Path.GetDirectoryName(Path) ?? "";
        _temporary = System.IO.Path.Combine(_folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            _stream = new FileStream(_temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                PreallocationSize = length,
            });
        }
        catch
        {
            TryDelete(_temporary);
            throw;
        }
    }

    /// <summary>The full path that the file gets.</summary>
    public string Path { get; }

    /// <summary>What the content is written to; it can seek and be read.</summary>
    public Stream Stream => _stream;

    /// <summary>Writes a whole file.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content. Where it throws, an existing file stays as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void Write(string path, Action<Stream> write) => Write(path, 0, write);

    /// <summary>Writes a whole file of known length.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="length">Bytes that will be written, reserved at once so that a full disk is noticed at the start; 0 where
    /// unknown.</param>
    /// <param name="write">Writes the content. Where it throws, an existing file stays as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void Write(string path, long length, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var file = new AtomicFile(path, length);
        write(file.Stream);
        file.Complete();
    }

    /// <summary>Forces the content to the disk, gives the file its name and forces the folder to the disk. The stream is closed.</summary>
    /// <exception cref="ObjectDisposedException">The file is complete or discarded.</exception>
    /// <exception cref="IOException">The file cannot be written; what was written is removed.</exception>
    /// <exception cref="UnauthorizedAccessException">An existing file cannot be replaced; what was written is removed.</exception>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        try
        {
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_temporary, Path, overwrite: true);
            _closed = true;
        }
        catch
        {
            Dispose();
            throw;
        }

        FlushFolder(_folder);
    }

    /// <summary>Removes what was written where the file was not completed.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            try
            {
                _stream.Dispose();
            }
            finally
            {
                TryDelete(_temporary);
            }
        }
    }

    /// <summary>
    /// Removes the temporary files of a folder that were left by processes which ended while they were writing. Files that somebody
    /// writes at the moment are locked, and stay.
    /// </summary>
    /// <param name="folder">The folder; nothing happens where there is none.</param>
    /// <exception cref="IOException">The folder cannot be read, or a file cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or a file may not be changed.</exception>
    public static void RemoveAbandoned(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string file in Directory.GetFiles(folder, ".*.tmp").Where(IsTemporary))
        {
            if (IsAbandoned(file))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Whether a file has the name of a temporary one: left by a process that ended while it was writing.</summary>
    internal static bool IsTemporary(string path)
    {
        ReadOnlySpan<char> name = System.IO.Path.GetFileName(path.AsSpan());
        return name.Length == TemporaryLength && name[0] == '.' && name.EndsWith(".tmp", StringComparison.Ordinal)
            && name[1..33].IndexOfAnyExcept("0123456789abcdef") < 0;
    }

    /// <summary>
    /// Forces the names in a folder to the disk: without it a power failure can undo the renaming, though never tear a file.
    /// Windows does so by itself. A file system that cannot do it says so here and nothing can be done about it, so that the
    /// answer is not looked at.
    /// </summary>
    internal static void FlushFolder(string folder)
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

    private static bool IsAbandoned(string file)
    {
        try
        {
            // Whoever writes the file holds it alone.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            // Held, or completed just now.
            return false;
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
