namespace MadgNet.Core.Weights;

/// <summary>Writes a file so that at every moment either the old one or the complete new one is there.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes beside the path, forces the content to the disk and renames. When anything fails, the temporary file is
    /// removed and an existing file stays as it was.
    /// </summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="length">Bytes that will be written, reserved at once so that a full disk is noticed at the start.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, long length, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        string temporary = Path.Combine(Path.GetDirectoryName(target) ?? "", $".{Guid.NewGuid():N}.tmp");
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
    }

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
