using MadgNet.Core.Imaging;

namespace MadgNet.Medical;

/// <summary>Whole files and streams in memory; whatever goes wrong is a <see cref="MedicalFileException"/>.</summary>
internal static class MedicalBytes
{
    public static byte[] Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return RegularFile.ReadAllBytes(path);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>The first bytes of a file, and its length.</summary>
    public static (byte[] Start, long Length) ReadStart(string path, int count)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            RegularFile.Check(path);
            using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
            var start = new byte[(int)Math.Min(count, file.Length)];
            file.ReadExactly(start);
            return (start, file.Length);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Runs a read for Core's imaging, whose exception has a type of its own.</summary>
    public static T ForImaging<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MedicalFileException error)
        {
            throw error.ToImageReadException();
        }
    }

    /// <summary>Refuses an image that is larger than Core's options allow.</summary>
    public static void CheckPixels(string name, long width, long height, ImageReadOptions? options)
    {
        long most = (options ?? ImageReadOptions.Default).MaximumPixels;
        if (width * height > most)
        {
            throw new ImageReadException(
                name,
                $"{width}×{height} pixels",
                $"at most {most} pixels",
                "Raise ImageReadOptions.MaximumPixels if the file can be trusted")
            {
                IsTooLarge = true,
            };
        }
    }

    private static bool IsUnreadable(Exception error) =>
        error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static MedicalFileException Unreadable(string path, Exception error) => new(
        MedicalFileFault.Unreadable,
        path,
        error is FileNotFoundException or DirectoryNotFoundException ? "no such file" : error.Message.TrimEnd('.'),
        "a readable file",
        "Check the path and the permissions",
        error);
}
