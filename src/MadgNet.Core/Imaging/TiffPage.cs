using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// One page of a TIFF, from memory or from a file: the only reader of TIFF pixels. Reads windows of the image as it is to be
/// shown; the whole image is one of them.
/// </summary>
/// <remarks>Owns the source. Not safe from several threads at once.</remarks>
internal sealed class TiffPage : IDisposable
{
    private readonly string _name;
    private readonly Tiff _tiff;
    private readonly TiffFormat _format;
    private readonly TiffBlocks _blocks;
    private readonly TiffInput _source;
    private readonly TiffReals? _reals;

    private TiffPage(string name, TiffInput source, Tiff tiff, TiffFormat format, int pages)
    {
        _name = name;
        _source = source;
        _tiff = tiff;
        _format = format;
        _blocks = new TiffBlocks(name, source, tiff, format);
        _reals = format.Real ? new TiffReals(name, format, _blocks) : null;
        Pages = pages;
        bool transposed = format.Orientation is >= 5 and <= 8;
        (Width, Height) = transposed ? (format.Height, format.Width) : (format.Width, format.Height);
    }

    /// <summary>Columns of the image as it is shown.</summary>
    public int Width { get; }

    /// <summary>Rows of the image as it is shown.</summary>
    public int Height { get; }

    /// <summary>How many pages the file has.</summary>
    public int Pages { get; }

    /// <summary>1, 3 or 4; palettes give their colours.</summary>
    public int Channels => _format.Colors is TiffFormat.Meaning.Palette or TiffFormat.Meaning.Cmyk or TiffFormat.Meaning.Converted
        ? 3
        : _format.Taken;

    /// <summary>8 or 16.</summary>
    public int BitDepth => _reals is { } reals ? reals.BitDepth
        : _format.Bits <= 8 || _format.Colors == TiffFormat.Meaning.Palette ? 8 : 16;

    /// <summary>Opens a page; only tags are read, but for real numbers, whose range is looked for.</summary>
    /// <param name="source">The file, which the page disposes also where it is refused.</param>
    /// <param name="name">The name that exceptions give it.</param>
    /// <param name="page">The page, from 0.</param>
    /// <param name="whole">The options of an image that is read as a whole, whose size is limited; null for one read by windows.</param>
    /// <exception cref="ImageReadException">The file is damaged or of a kind that is not read.</exception>
    public static TiffPage Open(TiffInput source, string name, int page, ImageReadOptions? whole)
    {
        TiffMessages.Install();
        Tiff? tiff = null;
        TiffPage? result = null;
        try
        {
            IReadOnlyList<long> pages = TiffDirectories.Offsets(source);
            if (page != 0 && page >= pages.Count)
            {
                throw new ImageReadException(
                    name, $"page {page} of a TIFF of {pages.Count} pages", $"0 … {Math.Max(0, pages.Count - 1)}", "Choose an existing page");
            }

            RefuseBigEndianBigTiff(source, name);
            foreach (long offset in pages.Take(1).Concat(pages.Skip(page).Take(1)))
            {
                TiffClaims.Check(source, offset, name, offset == pages[page] ? whole : null);
            }

            source.Seek(source, 0, SeekOrigin.Begin);
            tiff = Tiff.ClientOpen(name, "r", source, source);
            if (tiff is null)
            {
                throw ImageReader.Damaged(name, $"a TIFF that cannot be opened ({source.Message})");
            }

            if (page != 0 && !tiff.SetSubDirectory(pages[page]))
            {
                throw ImageReader.Damaged(name, $"a TIFF whose page {page} cannot be opened ({source.Message})");
            }

            TiffFormat format = TiffFormat.Of(tiff, source, name);
            if (whole is not null)
            {
                ImageReader.CheckSize(name, format.Width, format.Height, whole);
                RefuseTooShort(format, source.Length, name);
            }

            result = new TiffPage(name, source, tiff, format, pages.Count);
            return result;
        }
        finally
        {
            if (result is null)
            {
                tiff?.Dispose();
                source.Dispose();
            }
        }
    }

    /// <summary>Reads a window that lies inside the image.</summary>
    /// <param name="left">The first column.</param>
    /// <param name="top">The first row.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <param name="indices">Whether a palette's indices are wanted instead of its colours.</param>
    public PixelImage Read(int left, int top, int width, int height, bool indices = false)
    {
        (int right, int bottom) = (Width - left - width, Height - top - height);
        (int storedLeft, int storedTop) = _format.Orientation switch
        {
            2 => (right, top),
            3 => (right, bottom),
            4 => (left, bottom),
            5 => (top, left),
            6 => (top, right),
            7 => (bottom, right),
            8 => (bottom, left),
            _ => (left, top),
        };
        PixelImage stored = _format.Orientation is >= 5 and <= 8
            ? ReadStored(storedLeft, storedTop, height, width, indices)
            : ReadStored(storedLeft, storedTop, width, height, indices);
        return Orientation.Apply(stored, _format.Orientation);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _tiff.Dispose();
        _source.Dispose();
    }

    private static void RefuseTooShort(TiffFormat format, long length, string name)
    {
        if (format.IsTooShort(length, (long)format.Width * format.Height))
        {
            throw ImageReader.Damaged(
                name, $"a TIFF that claims {format.Width}×{format.Height} pixels but holds {length} bytes, too few for them");
        }
    }

    private static void RefuseBigEndianBigTiff(TiffInput source, string name)
    {
        Span<byte> start = stackalloc byte[4];
        if (source.ReadAt(0, start) && start.SequenceEqual("MM\0+"u8))
        {
            throw new ImageReadException(
                name,
                "a BigTIFF in big-endian order",
                "a BigTIFF in little-endian order, or a TIFF below 4 GB in either",
                "The file is not damaged: convert it, for example with 'tiffcp -L -8'");
        }
    }

    /// <summary>A window in the rows and columns of the file.</summary>
    private PixelImage ReadStored(int left, int top, int width, int height, bool indices)
    {
        int taken = _format.Taken;
        long count = (long)width * height * taken;
        if (count > Array.MaxLength)
        {
            throw new ImageReadException(
                _name, $"{width}×{height} pixels of {taken} samples", $"at most {Array.MaxLength} samples", "Divide the image into tiles");
        }

        if (_reals is { } reals)
        {
            return reals.Read(left, top, width, height);
        }

        bool palette = _format.Colors == TiffFormat.Meaning.Palette;
        if (_format.Bits <= 8)
        {
            var bytes = new byte[count];
            _blocks.Fill(bytes, left, top, width, height, TiffSamples.Bytes(_format));
            return palette && indices ? new PixelImage(width, height, 1, bytes)
                : palette ? new PixelImage(width, height, 3, TiffSamples.LookUp(bytes, _format.Palette))
                : _format.Colors == TiffFormat.Meaning.Cmyk ? new PixelImage(width, height, 3, TiffSamples.FromCmyk(bytes))
                : new PixelImage(width, height, taken, _format.Premultiplied ? TiffSamples.Divide(bytes) : bytes);
        }

        var words = new ushort[count];
        _blocks.Fill(words, left, top, width, height, TiffSamples.Words(_format));
        return palette && indices ? new PixelImage(width, height, 1, words)
            : palette ? new PixelImage(width, height, 3, TiffSamples.LookUp(words, _format.Palette))
            : _format.Colors == TiffFormat.Meaning.Cmyk ? new PixelImage(width, height, 3, TiffSamples.FromCmyk(words))
            : new PixelImage(
                width,
                height,
                taken,
                _format.Premultiplied ? TiffSamples.Divide(words) : words,
                _format.Signed ? short.MinValue : 0);
    }
}
