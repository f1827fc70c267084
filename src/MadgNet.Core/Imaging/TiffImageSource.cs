namespace MadgNet.Core.Imaging;

/// <summary>
/// Reads a TIFF, or a BigTIFF in little-endian order, window by window: the pixels that <see cref="ImageReader"/> gives for the
/// whole file, in tiles or strips, of every compression that LibTiff knows, JPEG in YCbCr included. Holds the tiles or strips that
/// were read last, at most 64 MB and at least one.
/// </summary>
/// <remarks>
/// Uncompressed rows are read from the file directly, so that it does not matter how large the strips are. Rows of a compressed
/// strip above 64 MB are decoded one after another: reading from top to bottom, as a predictor does, costs what reading the
/// whole file does, and the strip's compressed bytes are held. Where the orientation turns the image, its rows are the columns of
/// the file, and reading compressed strips by rows costs far more: tiles are better there. Not safe from several threads at once.
/// </remarks>
public sealed class TiffImageSource : IImageSource
{
    private readonly string _name;

    /// <summary>The file.</summary>
    internal string FilePath => _name;

    private readonly TiffPage _page;
    private bool _disposed;

    private TiffImageSource(string name, TiffPage page) => (_name, _page) = (name, page);

    /// <inheritdoc/>
    public int Width => _page.Width;

    /// <inheritdoc/>
    public int Height => _page.Height;

    /// <summary>1 (grey), 3 (RGB) or 4 (RGB and alpha). The alpha of a grey image is left out.</summary>
    public int Channels => _page.Channels;

    /// <summary>8 or 16.</summary>
    public int BitDepth => _page.BitDepth;

    /// <summary>How many pages the file has; the others are not read.</summary>
    public int Pages => _page.Pages;

    /// <summary>
    /// Opens a file. Nothing but its header is read, unless its samples are real numbers or integers of 32 bits: their range is looked
    /// for in the whole page.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="page">The page of a file that has several, from 0.</param>
    /// <returns>The source, which keeps the file open until it is disposed.</returns>
    /// <exception cref="ImageReadException">The file is missing, no TIFF, damaged, or of a kind that is not read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The page is negative.</exception>
    public static TiffImageSource Open(string path, int page = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(page);
        FileStream file;
        try
        {
            RegularFile.Check(path);
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ImageReadException(
                path, error is FileNotFoundException or DirectoryNotFoundException
                    ? "no such file"
                    : error.Message.TrimEnd('.'), "a readable TIFF file", "Check the path and the permissions", error);
        }

        return Decoding.Guard(path, () => new TiffImageSource(path, Open(path, page, file)));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The window does not lie inside the image.</exception>
    public PixelImage Read(int left, int top, int width, int height)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width - left);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height - top);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height * Channels, Array.MaxLength, nameof(height));
        return Decoding.Guard(_name, () => _page.Read(left, top, width, height));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _page.Dispose();
        }
    }

    private static TiffPage Open(string path, int page, FileStream file)
    {
        var start = new byte[4];
        if (file.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !TiffDecoder.Recognizes(start))
        {
            file.Dispose();
            throw new ImageReadException(
                path,
                "a file that is no TIFF",
                "a TIFF or BigTIFF",
                "Read other formats with ImageReader, or convert the file to a TIFF in tiles");
        }

        file.Position = 0;
        return TiffPage.Open(new TiffFile(file), path, page, null);
    }
}
