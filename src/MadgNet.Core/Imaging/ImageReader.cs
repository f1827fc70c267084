namespace MadgNet.Core.Imaging;

/// <summary>
/// Reads PNG (1 to 16 bit, grey, RGB, with alpha, palette, interlaced), JPEG, BMP, GIF (first frame), WebP and TIFF (1 to 16
/// bit, grey, RGB, palette, CMYK, one page). The orientation that a file asks for (EXIF, TIFF) is applied. The format is told
/// from the content, not from the name. A host adds further formats with readers of its own: whatever these throw becomes an
/// <see cref="ImageReadException"/>.
/// </summary>
/// <remarks>Safe to use from several threads at once.</remarks>
public sealed class ImageReader : IImageReader
{
    private static readonly string[] OwnExtensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"];

    private readonly IImageReader[] _additional;
    private readonly ImageReadOptions _defaults;

    /// <summary>Creates a reader.</summary>
    /// <param name="defaults">The options for files that are read without their own; null for
    /// <see cref="ImageReadOptions.Default"/>.</param>
    /// <param name="additional">Readers of further formats, asked first and by extension.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public ImageReader(ImageReadOptions? defaults = null, params IReadOnlyList<IImageReader> additional)
    {
        ArgumentNullException.ThrowIfNull(additional);
        _defaults = defaults ?? ImageReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(ImageReader), _defaults.Validate());
        _additional = [.. additional];
        Extensions = [.. OwnExtensions.Concat(_additional.SelectMany(reader => reader.Extensions))
            .Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The options for files that are read without their own.</summary>
    internal ImageReadOptions Defaults => _defaults;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; }

    /// <inheritdoc/>
    public PixelImage Read(string path, ImageReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (ByName(path) is { } reader)
        {
            return reader.ReadGuarded(path, options ?? _defaults);
        }

        return Decode(StreamBytes.ReadFile(path, (options ?? _defaults).MaximumBytes, IsImage), path, options);
    }

    /// <inheritdoc/>
    public PixelImage ReadStream(Stream stream, string? name = null, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        name ??= StreamBytes.NameOf(stream);
        return Decode(StreamBytes.Read(stream, name, (options ?? _defaults).MaximumBytes, IsImage), name, options);
    }

    /// <summary>
    /// Reads an image from memory: by an additional reader that its name or its content belongs to, or of the built-in formats.
    /// </summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">The name that an exception gives the file; its extension chooses an additional reader.</param>
    /// <param name="options">What the reader is told about it; null for the reader's defaults.</param>
    /// <returns>The image.</returns>
    /// <exception cref="ImageReadException">The content is damaged, of an unknown format or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public PixelImage Decode(byte[] content, string name, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        options ??= _defaults;
        InvalidOptionsException.ThrowIfAny(nameof(ImageReader), options.Validate());
        if (content.Length == 0)
        {
            throw new ImageReadException(name, "an empty file", "an image", "Restore the file from its source");
        }

        if ((ByName(name) ?? Array.Find(_additional, reader => reader.Recognizes(content))) is { } additional)
        {
            return additional.DecodeGuarded(content, name, options);
        }

        bool tiff = TiffDecoder.Recognizes(content);
        if (options.Page != 0 && !tiff)
        {
            throw new ImageReadException(
                name, $"page {options.Page} of a file that holds one image", "page 0", "Leave Page at 0 for every format but TIFF");
        }

        return Decoding.Guard(name, () => PngDecoder.Recognizes(content) ? PngDecoder.Decode(content, name, options)
            : tiff ? TiffDecoder.Decode(content, name, options)
            : SkiaDecoder.Decode(content, name, options));
    }

    /// <summary>
    /// Whether the beginning of a long input may be that of an image; what is no image, such as an endless device, is not read to its
    /// end. The format of an additional reader cannot be told by its beginning.
    /// </summary>
    internal bool IsImage(ReadOnlySpan<byte> start) => _additional.Length > 0
        || PngDecoder.Recognizes(start)
        || TiffDecoder.Recognizes(start)
        || SkiaDecoder.Recognizes(start);

    private IImageReader? ByName(string path)
    {
        string extension = Path.GetExtension(path);
        return Array.Find(_additional, reader => reader.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Refuses an image whose header claims more pixels than allowed, before anything is allocated for them.</summary>
    internal static void CheckSize(string name, long width, long height, ImageReadOptions options)
    {
        if (width <= 0 || height <= 0)
        {
            throw new ImageReadException(
                name, $"a header that claims {width}×{height} pixels", "a positive size", "Restore the file from its source");
        }

        if (width > options.MaximumPixels / height)
        {
            throw new ImageReadException(
                name, $"{width}×{height} pixels", $"at most {options.MaximumPixels} pixels", "Raise ImageReadOptions.MaximumPixels if "
                    + "the file can be trusted")
            {
                IsTooLarge = true,
            };
        }
    }

    /// <summary>The exception for content that ends early or contradicts itself.</summary>
    internal static ImageReadException Damaged(string name, string received, Exception? cause = null) =>
        new(name, received, "a complete, undamaged image", "Restore the file from its source", cause);
}
