using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Reads a TIFF, or a BigTIFF in little-endian order, window by window: 8 and 16 bit, grey, RGB, with alpha, in tiles or strips, of every
/// compression that
/// LibTiff knows, JPEG in YCbCr included. Holds the tiles or strips that were read last, at most 64 MB and at least one.
/// </summary>
/// <remarks>
/// Uncompressed rows are read from the file directly, so that it does not matter how large the strips are. Rows of a compressed
/// strip above 64 MB are decoded one after another: reading from top to bottom, as a predictor does, costs what reading the
/// whole file does, and the strip's compressed bytes are held. Not safe from several threads at once.
/// </remarks>
public sealed class TiffImageSource : IImageSource
{
    private const long CacheBytes = 64L << 20;

    /// <summary>The largest block that is decoded into memory at once; a file with larger ones is not meant to be read by parts.</summary>
    private const long LargestBlock = 1L << 30;

    private readonly string _name;
    private readonly FileSource _source;
    private readonly Tiff _tiff;
    private readonly int _samples;
    private readonly int _bits;
    private readonly bool _inverted;
    private readonly bool _signed;
    private readonly bool _separate;
    private readonly Reading _reading;
    private readonly int _blockWidth;
    private readonly int _blockHeight;
    private readonly long[] _stripOffsets = [];
    private readonly bool _swapped;
    private readonly LinkedList<(long Key, byte[] Block)> _recent = new();
    private readonly Dictionary<long, LinkedListNode<(long Key, byte[] Block)>> _blocks = [];
    private long _cached;
    private bool _disposed;

    private TiffImageSource(string name, FileSource source, Tiff tiff)
    {
        _name = name;
        _source = source;
        _tiff = tiff;
        Width = TiffDecoder.Field(tiff, TiffTag.IMAGEWIDTH, 0);
        Height = TiffDecoder.Field(tiff, TiffTag.IMAGELENGTH, 0);
        if (Width < 1 || Height < 1)
        {
            throw new ImageReadException(
                name, $"a header that claims {Width}×{Height} pixels", "a positive size", "Restore the file from its source");
        }

        _bits = TiffDecoder.Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        _samples = TiffDecoder.Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        _separate = _samples > 1 && TiffDecoder.Field(tiff, TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == (int)PlanarConfig.SEPARATE;
        var format = (SampleFormat)TiffDecoder.Field(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
        var photometric = (Photometric)TiffDecoder.Field(tiff, TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
        var compression = (Compression)TiffDecoder.Field(tiff, TiffTag.COMPRESSION, (int)Compression.NONE);
        bool converted = photometric == Photometric.YCBCR && compression == Compression.JPEG && !_separate
            && tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
        _signed = format == SampleFormat.INT && _bits == 16;
        _inverted = photometric == Photometric.MINISWHITE;
        bool plain = photometric is Photometric.MINISBLACK or Photometric.MINISWHITE or Photometric.RGB || converted;
        if (!plain
            || _bits is not (8 or 16)
            || _samples is < 1 or > 4
            || (format is not (SampleFormat.UINT or SampleFormat.VOID) && !_signed))
        {
            throw new ImageReadException(
                name, $"a TIFF of {_samples} samples of {_bits} bits, {format}, {photometric}", "grey or RGB with integers of 8 or 16 bits", "Convert the file, for example to an 8-bit RGB TIFF in "
                        + "tiles");
        }

        int orientation = TiffDecoder.Field(tiff, TiffTag.ORIENTATION, 1);
        if (orientation is >= 2 and <= 8)
        {
            throw new ImageReadException(
                name,
                $"orientation {orientation}",
                "an image that is stored upright (orientation 1)",
                "Turn the file when it is converted to tiles");
        }

        Channels = _samples == 2 ? 1 : _samples;
        int perPixel = _separate ? 1 : _samples;
        if (tiff.IsTiled())
        {
            _reading = Reading.Tiles;
            _blockWidth = TiffDecoder.Field(tiff, TiffTag.TILEWIDTH, 0);
            _blockHeight = TiffDecoder.Field(tiff, TiffTag.TILELENGTH, 0);
        }
        else
        {
            int rows = TiffDecoder.Field(tiff, TiffTag.ROWSPERSTRIP, Height);
            _blockWidth = Width;
            _blockHeight = rows < 1 || rows > Height ? Height : rows;
            _reading = compression == Compression.NONE && tiff.GetField(TiffTag.STRIPOFFSETS) is not null ? Reading.Raw
                : (long)Width * perPixel * _bits / 8 * _blockHeight > CacheBytes ? Reading.Rows
                : Reading.Strips;
        }

        if (_reading == Reading.Raw)
        {
            FieldValue[] offsets = tiff.GetField(TiffTag.STRIPOFFSETS);
            _stripOffsets = Offsets(offsets[0].Value);
            _swapped = tiff.IsByteSwapped();
            long strips = ((long)Height + _blockHeight - 1) / _blockHeight * (_separate ? _samples : 1);
            if (_stripOffsets.Length < strips)
            {
                throw ImageReader.Damaged(name, $"a TIFF of {_stripOffsets.Length} strips where {strips} are needed");
            }
        }

        RowBytes = (long)_blockWidth * perPixel * _bits / 8;
        long block = _reading is Reading.Raw or Reading.Rows ? RowBytes : RowBytes * _blockHeight;
        if (_blockWidth < 1 || _blockHeight < 1 || block > LargestBlock)
        {
            throw new ImageReadException(
                name, $"tiles or strips of {_blockWidth}×{_blockHeight} pixels", $"at most {LargestBlock} bytes in each", "Convert the file to tiles of 256 or 512 pixels");
        }
    }

    private enum Reading
    {
        Tiles,
        Strips,
        Rows,
        Raw,
    }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <summary>1 (grey), 3 (RGB) or 4 (RGB and alpha). The alpha of a grey image is left out.</summary>
    public int Channels { get; }

    /// <summary>8 or 16.</summary>
    public int BitDepth => _bits;

    /// <summary>Bytes of one row of a tile or strip.</summary>
    private long RowBytes { get; }

    /// <summary>Opens a file. Nothing but its header is read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="page">The page of a file that has several, from 0.</param>
    /// <returns>The source, which keeps the file open until it is disposed.</returns>
    /// <exception cref="ImageReadException">The file is missing, no TIFF, damaged, or of a kind that is not read by parts.</exception>
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

        Tiff? tiff = null;
        TiffImageSource? result = null;
        try
        {
            result = Open(path, page, file, ref tiff);
            return result;
        }
        catch (Exception error) when (TiffDecoder.IsContradiction(error))
        {
            throw ImageReader.Damaged(path, $"a TIFF whose content contradicts itself ({error.Message.TrimEnd('.')})", error);
        }
        finally
        {
            if (result is null)
            {
                tiff?.Dispose();
                file.Dispose();
            }
        }
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
        long count = (long)width * height * Channels;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength, nameof(height));
        try
        {
            if (_bits == 8)
            {
                var bytes = new byte[count];
                Fill(bytes, left, top, width, height);
                return new PixelImage(width, height, Channels, bytes);
            }

            var words = new ushort[count];
            Fill(words, left, top, width, height);
            return new PixelImage(width, height, Channels, words, _signed ? short.MinValue : 0);
        }
        catch (Exception error) when (TiffDecoder.IsContradiction(error))
        {
            throw ImageReader.Damaged(_name, $"a TIFF whose content contradicts itself ({error.Message.TrimEnd('.')})", error);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _tiff.Dispose();
            _source.File.Dispose();
        }
    }

    private static TiffImageSource Open(string path, int page, FileStream file, ref Tiff? tiff)
    {
        var start = new byte[4];
        if (file.ReadAtLeast(start, 4, throwOnEndOfStream: false) < 4 || !TiffDecoder.Recognizes(start))
        {
            throw new ImageReadException(
                path,
                "a file that is no TIFF",
                "a TIFF or BigTIFF",
                "Read other formats with ImageReader, or convert the file to a TIFF in tiles");
        }

        file.Position = 0;
        TiffMessages.Install();
        var source = new FileSource(file);
        tiff = Tiff.ClientOpen(path, "r", source, source);
        if (tiff is null)
        {
            throw ImageReader.Damaged(path, $"a TIFF that cannot be opened ({source.Message})");
        }

        if (page > short.MaxValue || (page != 0 && !tiff.SetDirectory((short)page)))
        {
            throw new ImageReadException(path, $"page {page}", $"0 … {tiff.NumberOfDirectories() - 1}", "Choose an existing page");
        }

        return new TiffImageSource(path, source, tiff);
    }

    private static long[] Offsets(object? value) => value switch
    {
        long[] offsets => offsets,
        ulong[] offsets => [.. offsets.Select(offset => checked((long)offset))],
        int[] offsets => [.. offsets.Select(offset => (long)(uint)offset)],
        uint[] offsets => [.. offsets.Select(offset => (long)offset)],
        _ => [],
    };

    private void Fill<T>(T[] target, int left, int top, int width, int height)
        where T : unmanaged
    {
        int planes = _separate ? Channels : 1;
        bool rows = _reading is Reading.Raw or Reading.Rows;
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = top; y < top + height;)
            {
                int blockTop = rows ? y : y / _blockHeight * _blockHeight;
                int end = Math.Min(top + height, rows ? y + 1 : blockTop + _blockHeight);
                for (int x = left; x < left + width;)
                {
                    int blockLeft = x / _blockWidth * _blockWidth;
                    int right = Math.Min(left + width, blockLeft + _blockWidth);
                    ReadOnlySpan<byte> block = Block(blockLeft, blockTop, plane);
                    for (int row = y; row < end; row++)
                    {
                        ReadOnlySpan<T> line = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(
                            block.Slice((int)((row - blockTop) * RowBytes), (int)RowBytes));
                        Copy(line, x
                            - blockLeft, right - x, target.AsSpan((int)((((long)(row - top) * width) + x - left) * Channels)), plane);
                    }

                    x = right;
                }

                y = end;
            }
        }
    }

    private void Copy<T>(ReadOnlySpan<T> line, int first, int count, Span<T> target, int plane)
        where T : unmanaged
    {
        if (!_separate && Channels == _samples && !_inverted && !_signed)
        {
            line.Slice(first * _samples, count * _samples).CopyTo(target);
            return;
        }

        int perPixel = _separate ? 1 : _samples;
        int taken = _separate ? 1 : Channels;
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < taken; c++)
            {
                target[(i * Channels) + plane + c] = Value(line[((first + i) * perPixel) + c]);
            }
        }
    }

    private T Value<T>(T sample)
        where T : unmanaged
    {
        if (typeof(T) == typeof(byte))
        {
            return _inverted ? (T)(object)(byte)(byte.MaxValue - (byte)(object)sample) : sample;
        }

        ushort value = (ushort)(object)sample;
        value = _signed ? (ushort)(value ^ 0x8000) : value;
        return (T)(object)(_inverted ? (ushort)(ushort.MaxValue - value) : value);
    }

    /// <summary>A decoded block: a tile, a strip, or one row of a strip.</summary>
    private byte[] Block(int left, int top, int plane)
    {
        long columns = ((long)Width + _blockWidth - 1) / _blockWidth;
        long rows = _reading is Reading.Raw or Reading.Rows ? Height : ((long)Height + _blockHeight - 1) / _blockHeight;
        long row = _reading is Reading.Raw or Reading.Rows ? top : top / _blockHeight;
        long key = (((plane * rows) + row) * columns) + (left / _blockWidth);
        if (_blocks.TryGetValue(key, out LinkedListNode<(long Key, byte[] Block)>? node))
        {
            _recent.Remove(node);
            _recent.AddFirst(node);
            return node.Value.Block;
        }

        byte[]? reused = null;
        while (_recent.Count > 0 && _cached + BlockBytes > CacheBytes)
        {
            LinkedListNode<(long Key, byte[] Block)> oldest = _recent.Last!;
            reused = oldest.Value.Block;
            _cached -= reused.Length;
            _recent.RemoveLast();
            _blocks.Remove(oldest.Value.Key);
        }

        byte[] block = reused?.Length == BlockBytes ? reused : new byte[BlockBytes];
        Decode(block, left, top, plane);
        _cached += block.Length;
        _blocks.Add(key, _recent.AddFirst((key, block)));
        return block;
    }

    private long BlockBytes => _reading is Reading.Raw or Reading.Rows ? RowBytes : RowBytes * _blockHeight;

    private void Decode(byte[] block, int left, int top, int plane)
    {
        int strip = _reading == Reading.Tiles ? 0 : checked((top / _blockHeight) + (plane * (((Height - 1) / _blockHeight) + 1)));
        bool read;
        switch (_reading)
        {
            case Reading.Tiles:
                read = _tiff.TileSize() <= block.Length && _tiff.ReadTile(block, 0, left, top, 0, (short)plane) > 0;
                break;
            case Reading.Strips:
                int wanted = (int)(Math.Min(_blockHeight, Height - top) * RowBytes);
                read = _tiff.ReadEncodedStrip(strip, block, 0, wanted) == wanted;
                break;
            case Reading.Rows:
                read = _tiff.ScanlineSize() <= block.Length && _tiff.ReadScanline(block, top, (short)plane);
                break;
            default:
                read = _source.ReadAt(_stripOffsets[strip] + (top % _blockHeight * RowBytes), block);
                if (read && _swapped && _bits == 16)
                {
                    for (int i = 0; i < block.Length; i += 2)
                    {
                        (block[i], block[i + 1]) = (block[i + 1], block[i]);
                    }
                }

                break;
        }

        if (!read || _source.Failed)
        {
            throw ImageReader.Damaged(
                _name, $"a TIFF whose pixels end early or are damaged at column {left}, row {top} ({_source.Message})");
        }
    }

    /// <summary>The file on disk.</summary>
    private sealed class FileSource(FileStream file) : TiffSource
    {
        public FileStream File => file;

        public bool ReadAt(long offset, byte[] buffer)
        {
            if (offset < 0 || offset > file.Length - buffer.Length)
            {
                Report("the file ends before them");
                return false;
            }

            file.Position = offset;
            return file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length;
        }

        public override int Read(object clientData, byte[] buffer, int offset, int count) =>
            file.ReadAtLeast(buffer.AsSpan(offset, Math.Max(count, 0)), Math.Max(count, 0), throwOnEndOfStream: false);

        public override void Write(object clientData, byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("the file is open for reading");

        public override long Seek(object clientData, long offset, SeekOrigin origin)
        {
            long position = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => file.Position + offset,
                _ => file.Length + offset,
            };
            if (position < 0)
            {
                return -1;
            }

            file.Position = position;
            return position;
        }

        public override void Close(object clientData)
        {
        }

        public override long Size(object clientData) => file.Length;
    }
}
