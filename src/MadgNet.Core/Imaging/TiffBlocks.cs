using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// The tiles or strips of a TIFF page, decoded when they are asked for. Holds those that were read last, at most 64 MB and
/// at least one.
/// </summary>
internal sealed class TiffBlocks
{
    private const long CacheBytes = 64L << 20;

    /// <summary>The largest block that is decoded into memory at once.</summary>
    private const long LargestBlock = 1L << 30;

    private readonly string _name;
    private readonly TiffInput _source;
    private readonly Tiff _tiff;
    private readonly TiffFormat _format;
    private readonly Reading _reading;
    private readonly bool _converted;
    private readonly int _width;
    private readonly int _height;
    private readonly long _rowBytes;
    private readonly long[] _offsets = [];
    private readonly bool _swapped;
    private readonly LinkedList<(long Key, byte[] Block)> _recent = new();
    private readonly Dictionary<long, LinkedListNode<(long Key, byte[] Block)>> _blocks = [];
    private long _cached;

    public TiffBlocks(string name, TiffInput source, Tiff tiff, TiffFormat format)
    {
        (_name, _source, _tiff, _format) = (name, source, tiff, format);
        _converted = format.Colors == TiffFormat.Meaning.Converted;
        int perPixel = _converted ? 3 : format.Separate ? 1 : format.Samples;
        int bits = _converted ? 8 : format.Bits;
        if (tiff.IsTiled())
        {
            _reading = Reading.Tiles;
            _width = TiffFormat.Field(tiff, TiffTag.TILEWIDTH, 0);
            _height = TiffFormat.Field(tiff, TiffTag.TILELENGTH, 0);
        }
        else
        {
            int rows = TiffFormat.Field(tiff, TiffTag.ROWSPERSTRIP, format.Height);
            _width = format.Width;
            _height = rows < 1 || rows > format.Height ? format.Height : rows;
            long strip = (((long)_width * perPixel * bits) + 7) / 8 * _height;
            _reading = _converted ? Reading.Strips
                : format.Compression == Compression.NONE && !format.ReversedBits && tiff.GetField(TiffTag.STRIPOFFSETS) is not null
                    ? Reading.Raw
                : strip > CacheBytes ? Reading.Rows
                : Reading.Strips;
        }

        _rowBytes = (((long)_width * perPixel * bits) + 7) / 8;
        if (_reading == Reading.Raw)
        {
            _offsets = Offsets(tiff.GetField(TiffTag.STRIPOFFSETS)[0].Value);
            _swapped = tiff.IsByteSwapped() && (bits is 16 or 32 or 64);
            long strips = ((long)format.Height + _height - 1) / _height * (format.Separate ? format.Samples : 1);
            if (_offsets.Length < strips)
            {
                throw ImageReader.Damaged(name, $"a TIFF of {_offsets.Length} strips where {strips} are needed");
            }
        }

        if (_width < 1 || _height < 1 || BlockBytes > LargestBlock)
        {
            throw new ImageReadException(
                name,
                $"tiles or strips of {_width}×{_height} pixels",
                $"at most {LargestBlock} bytes in each",
                "Convert the file to tiles of 256 or 512 pixels");
        }

        if (format.IsTooShort(source.Length, _reading is Reading.Raw or Reading.Rows ? _width : (long)_width * _height))
        {
            throw ImageReader.Damaged(
                name, $"a TIFF whose tiles or strips have {_width}×{_height} pixels but which holds {source.Length} bytes, too few for one");
        }
    }

    private enum Reading
    {
        Tiles,
        Strips,
        Rows,
        Raw,
    }

    private bool IsByRow => _reading is Reading.Raw or Reading.Rows;

    private long BlockBytes => IsByRow ? _rowBytes : _rowBytes * _height;

    /// <summary>Fills a window with the first samples of its pixels, interleaved.</summary>
    /// <param name="target">width·height·taken samples.</param>
    /// <param name="left">The first column.</param>
    /// <param name="top">The first row.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="map">What becomes of a stored value; null where it stays what it is.</param>
    public void Fill<T>(T[] target, int left, int top, int width, int height, Func<long, T>? map)
        where T : unmanaged
    {
        int taken = _format.Taken;
        bool separate = _format.Separate && !_converted;
        for (int plane = 0; plane < (separate ? taken : 1); plane++)
        {
            for (int y = top; y < top + height;)
            {
                int blockTop = IsByRow ? y : y / _height * _height;
                int end = (int)Math.Min(top + height, IsByRow ? y + 1L : (long)blockTop + _height);
                for (int x = left; x < left + width;)
                {
                    int blockLeft = x / _width * _width;
                    int right = (int)Math.Min(left + width, (long)blockLeft + _width);
                    byte[] block = Block(blockLeft, blockTop, plane);
                    for (int row = y; row < end; row++)
                    {
                        ReadOnlySpan<byte> line = block.AsSpan((int)((row - blockTop) * _rowBytes), (int)_rowBytes);
                        Span<T> to = target.AsSpan((int)((((long)(row - top) * width) + x - left) * taken), (right - x) * taken);
                        Copy(line, x - blockLeft, to, map, separate ? plane : -1);
                    }

                    x = right;
                }

                y = end;
            }
        }
    }

    private void Copy<T>(ReadOnlySpan<byte> line, int first, Span<T> target, Func<long, T>? map, int plane)
        where T : unmanaged
    {
        int taken = _format.Taken;
        int perPixel = _converted ? 3 : plane >= 0 ? 1 : _format.Samples;
        int bits = _converted ? 8 : _format.Bits;
        if (map is null && perPixel == taken && bits is 8 or 16 && Marshal.SizeOf<T>() * 8 == bits)
        {
            MemoryMarshal.Cast<byte, T>(line).Slice(first * perPixel, target.Length).CopyTo(target);
            return;
        }

        int read = plane >= 0 ? 1 : taken;
        for (int i = 0, pixel = 0; i < target.Length; i += taken, pixel++)
        {
            for (int c = 0; c < read; c++)
            {
                long value = Sample(line, ((first + pixel) * (long)perPixel) + c, bits);
                target[i + Math.Max(plane, 0) + c] = map is not null ? map(value)
                    : typeof(T) == typeof(byte) ? (T)(object)(byte)value
                    : (T)(object)(ushort)value;
            }
        }
    }

    /// <summary>
    /// A sample of any number of bits, packed from the highest bit on; 16, 32 and 64 bits are in the machine's order.
    /// </summary>
    private static long Sample(ReadOnlySpan<byte> line, long index, int bits)
    {
        if (bits == 8)
        {
            return line[(int)index];
        }

        if (bits == 16)
        {
            return BitConverter.ToUInt16(line[(int)(index * 2)..]);
        }

        if (bits == 32)
        {
            return BitConverter.ToUInt32(line[(int)(index * 4)..]);
        }

        if (bits == 64)
        {
            return BitConverter.ToInt64(line[(int)(index * 8)..]);
        }

        long bit = index * bits;
        int at = (int)(bit >> 3);
        uint window = (uint)line[at] << 16;
        window |= at + 1 < line.Length ? (uint)line[at + 1] << 8 : 0;
        window |= at + 2 < line.Length ? line[at + 2] : 0u;
        return (window >> (24 - (int)(bit & 7) - bits)) & ((1u << bits) - 1);
    }

    /// <summary>A decoded block: a tile, a strip, or one row of a strip.</summary>
    private byte[] Block(int left, int top, int plane)
    {
        long columns = ((long)_format.Width + _width - 1) / _width;
        long rows = IsByRow ? _format.Height : ((long)_format.Height + _height - 1) / _height;
        long key = (((plane * rows) + (IsByRow ? top : top / _height)) * columns) + (left / _width);
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

    private void Decode(byte[] block, int left, int top, int plane)
    {
        _source.Forget();
        int strip = _reading == Reading.Tiles ? 0 : checked((top / _height) + (plane * (((_format.Height - 1) / _height) + 1)));
        bool read;
        switch (_reading)
        {
            case Reading.Tiles or Reading.Strips when _converted:
                read = Convert(block, left, top);
                break;
            case Reading.Tiles:
                read = _tiff.TileSize() <= block.Length && _tiff.ReadTile(block, 0, left, top, 0, (short)plane) > 0;
                break;
            case Reading.Strips:
                int wanted = (int)(Math.Min(_height, _format.Height - top) * _rowBytes);
                read = _tiff.ReadEncodedStrip(strip, block, 0, wanted) == wanted;
                break;
            case Reading.Rows:
                read = _tiff.ScanlineSize() <= block.Length && _tiff.ReadScanline(block, top, (short)plane);
                break;
            default:
                read = _source.ReadAt(_offsets[strip] + (top % _height * _rowBytes), block);
                if (!read)
                {
                    _source.Report("the file ends before them");
                }

                for (int i = 0, size = _format.Bits / 8; read && _swapped && i + size <= block.Length; i += size)
                {
                    block.AsSpan(i, size).Reverse();
                }

                break;
        }

        if (!read || _source.Failed)
        {
            throw ImageReader.Damaged(
                _name, $"a TIFF whose pixels end early or are damaged at column {left}, row {top} ({_source.Message})");
        }
    }

    /// <summary>A block as LibTiff converts it to RGB, its rows from top to bottom.</summary>
    private bool Convert(byte[] block, int left, int top)
    {
        bool tiled = _reading == Reading.Tiles;
        var raster = new int[_width * _height];
        // Rows and columns are wanted as they are stored: the orientation is applied once, later.
        _tiff.SetField(TiffTag.ORIENTATION, BitMiracle.LibTiff.Classic.Orientation.TOPLEFT);
        if (!(tiled ? _tiff.ReadRGBATile(left, top, raster) : _tiff.ReadRGBAStrip(top, raster)))
        {
            return false;
        }

        int rows = tiled ? _height : Math.Min(_height, _format.Height - top);
        for (int y = 0; y < rows; y++)
        {
            int from = (rows - 1 - y) * _width;
            for (int x = 0, to = y * _width * 3; x < _width; x++, to += 3)
            {
                int color = raster[from + x];
                (block[to], block[to + 1], block[to + 2]) = ((byte)Tiff.GetR(color), (byte)Tiff.GetG(color), (byte)Tiff.GetB(color));
            }
        }

        return true;
    }

    private static long[] Offsets(object? value) => value switch
    {
        long[] offsets => offsets,
        ulong[] offsets => [.. offsets.Select(offset => checked((long)offset))],
        int[] offsets => [.. offsets.Select(offset => (long)(uint)offset)],
        uint[] offsets => [.. offsets.Select(offset => (long)offset)],
        _ => [],
    };
}
