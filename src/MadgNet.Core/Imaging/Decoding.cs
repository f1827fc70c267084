namespace MadgNet.Core.Imaging;

/// <summary>
/// The one place where what a decoder throws becomes an <see cref="ImageReadException"/>: LibTiff and SkiaSharp answer
/// contradicting files with whatever their arithmetic runs into, and a host's reader may throw anything.
/// </summary>
internal static class Decoding
{
    /// <summary>Decodes, and turns every exception that is none of this library's into the typed one.</summary>
    /// <remarks>A native library that cannot be loaded is not the file's fault, and is told as what it is.</remarks>
    public static T Guard<T>(string name, Func<T> decode)
        where T : class
    {
        try
        {
            return decode() ?? throw new ImageReadException(
                name, "no image from the reader of this format", "an image", "Correct the reader: IImageReader never returns null");
        }
        catch (Exception error) when (error is not (MadgNetException or OperationCanceledException or TypeInitializationException
            or DllNotFoundException or BadImageFormatException))
        {
            throw error is OutOfMemoryException
                ? new ImageReadException(
                    name,
                    "a file that needs more memory than there is",
                    "a file that fits into memory",
                    "Divide the image, or limit the size of files with ImageReadOptions.MaximumPixels",
                    error)
                : ImageReader.Damaged(
                    name, $"content that its reader fails on ({error.GetType().Name}: {error.Message.TrimEnd('.')})", error);
        }
    }

    /// <summary>Reads a file with a reader that may be a host's.</summary>
    public static PixelImage ReadGuarded(this IImageReader reader, string path, ImageReadOptions? options = null) =>
        Guard(path, () => reader.Read(path, options));

    /// <summary>Reads a file in memory with a reader that may be a host's.</summary>
    public static PixelImage DecodeGuarded(this IImageReader reader, byte[] content, string name, ImageReadOptions? options = null) =>
        Guard(name, () => reader.Decode(content, name, options));
}
