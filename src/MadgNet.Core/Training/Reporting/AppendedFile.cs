using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A file that grows by whole pieces. What a failed write leaves half behind (a full disk, a lost connection) is cut off
/// before the next piece, so that the file is always a sequence of whole ones. A failure is logged once, until writing
/// succeeds again.
/// </summary>
internal sealed class AppendedFile(string path, ILogger logger) : IDisposable
{
    private FileStream? _stream;
    private bool _failing;

    public string Path { get; } = path;

    /// <summary>The bytes that are whole: those written here, or those found and kept.</summary>
    public long Length { get; set; }

    /// <summary>Appends pieces in order.</summary>
    /// <returns>How many of them are in the file now; fewer than given where it cannot be written.</returns>
    public int Append(IReadOnlyList<byte[]> pieces)
    {
        int written = 0;
        try
        {
            FileStream stream = Open();
            foreach (byte[] piece in pieces)
            {
                stream.Write(piece);
                Length += piece.Length;
                written++;
            }

            if (_failing && written > 0)
            {
                _failing = false;
                logger.LogInformation("'{Path}' can be written again", Path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }

        return written;
    }

    /// <summary>Forces what was appended onto the disk.</summary>
    public void Flush()
    {
        try
        {
            _stream?.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    /// <summary>Notes a failure to write, once until writing succeeds again.</summary>
    public void Fail(Exception exception)
    {
        Dispose();
        if (!_failing)
        {
            _failing = true;
            logger.LogWarning(exception, "Cannot write '{Path}'; training goes on and writing is tried again", Path);
        }
    }

    public void Dispose()
    {
        FileStream? stream = _stream;
        _stream = null;
        try
        {
            stream?.Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nothing is buffered here: what failed to be written is known from the write itself.
            logger.LogDebug(exception, "Closing '{Path}' failed", Path);
        }
    }

    private FileStream Open()
    {
        // A file that was deleted stays writable through its handle on Unix, and everything would go nowhere.
        if (_stream is not null && !File.Exists(Path))
        {
            Dispose();
        }

        if (_stream is not null)
        {
            return _stream;
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        var stream = new FileStream(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            Length = Math.Min(Length, stream.Length);
            if (stream.Length != Length)
            {
                stream.SetLength(Length);
            }

            stream.Seek(0, SeekOrigin.End);
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return _stream = stream;
    }
}
