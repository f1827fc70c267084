using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Writes a grey TIFF in tiles of 256 pixels from rows that come one after another, and holds one row of tiles. The file is
/// written beside its target and renamed once it is complete; until then, and when it is not completed, the target stays as it was.
/// </summary>
/// <remarks>Becomes a BigTIFF where its samples alone would fill 4 GB. Compressed with Deflate.</remarks>
internal sealed class TiledTiffWriter : IDisposable
{
    private const int TileSide = 256;

    private readonly int _height;
    private readonly int _rowBytes;
    private readonly int _sampleBytes;
    private readonly byte[] _band;
    private readonly byte[] _tile;
    private readonly AtomicFile _file;
    private readonly Tiff _tiff;
    private readonly FileTarget _output;
    private int _written;
    private bool _closed;

    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="bits">8 or 16 for integers, 32 for floats.</param>
    public TiledTiffWriter(string path, int width, int height, int bits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TiffMessages.Install();
        _height = height;
        _sampleBytes = bits / 8;
        _rowBytes = checked(width * _sampleBytes);
        _band = new byte[checked(_rowBytes * Math.Min(TileSide, height))];
        _tile = new byte[TileSide * TileSide * _sampleBytes];
        _file = new AtomicFile(path);
        _output = new FileTarget(_file.Stream);
        try
        {
            // Offsets of a classic TIFF have 32 bits; directory and incompressible tiles take a little more than the samples.
            bool large = (long)_rowBytes * height > 4_000_000_000;
            _tiff = Tiff.ClientOpen(_file.Path, large ? "w8" : "w", _output, _output)
                ?? throw new IOException($"The TIFF '{_file.Path}' could not be begun ({_output.Message}).");
            _tiff.SetField(TiffTag.IMAGEWIDTH, width);
            _tiff.SetField(TiffTag.IMAGELENGTH, height);
            _tiff.SetField(TiffTag.TILEWIDTH, TileSide);
            _tiff.SetField(TiffTag.TILELENGTH, TileSide);
            _tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
            _tiff.SetField(TiffTag.SAMPLESPERPIXEL, 1);
            _tiff.SetField(TiffTag.SAMPLEFORMAT, bits == 32 ? SampleFormat.IEEEFP : SampleFormat.UINT);
            _tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.MINISBLACK);
            _tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
            _tiff.SetField(TiffTag.COMPRESSION, Compression.ADOBE_DEFLATE);
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Adds the next row, in the machine's byte order.</summary>
    public void WriteRow<T>(ReadOnlySpan<T> row)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        int line = _written % TileSide;
        MemoryMarshal.AsBytes(row).CopyTo(_band.AsSpan(line * _rowBytes, _rowBytes));
        _written++;
        if (line == TileSide - 1 || _written == _height)
        {
            WriteTiles(line + 1);
        }
    }

    /// <summary>Brings the file to the disk and to its name.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_written != _height)
        {
            throw new InvalidOperationException(
                $"received {_written} rows; expected {_height} before the file is complete. Write all rows first.");
        }

        bool written = _tiff.WriteDirectory();
        _output.ThrowIfFailed();
        if (!written)
        {
            throw new IOException($"The TIFF '{_file.Path}' could not be completed ({_output.Message}).");
        }

        _closed = true;
        try
        {
            _tiff.Dispose();
            _output.ThrowIfFailed();
            _file.Complete();
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Removes what was written where the file was not completed.</summary>
    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            Discard();
        }
    }

    private void WriteTiles(int rows)
    {
        int top = (_written - 1) / TileSide * TileSide;
        int tileRow = TileSide * _sampleBytes;
        for (int left = 0; left < _rowBytes; left += tileRow)
        {
            Array.Clear(_tile);
            int length = Math.Min(tileRow, _rowBytes - left);
            for (int y = 0; y < rows; y++)
            {
                _band.AsSpan((y * _rowBytes) + left, length).CopyTo(_tile.AsSpan(y * tileRow));
            }

            bool written = _tiff.WriteTile(_tile, left / _sampleBytes, top, 0, 0) > 0;
            _output.ThrowIfFailed();
            if (!written)
            {
                throw new IOException($"The TIFF '{_file.Path}' could not be written ({_output.Message}).");
            }
        }
    }

    private void Discard()
    {
        // The file goes away: what LibTiff would still write into it goes nowhere.
        _output.Close();
        _tiff?.Dispose();
        _file.Dispose();
    }

    /// <summary>
    /// The file on disk. LibTiff does not expect its output to fail, so the first failure is kept and told by the writer.
    /// </summary>
    private sealed class FileTarget(Stream file) : TiffSource
    {
        private Exception? _error;
        private bool _closed;

        public void Close() => _closed = true;

        public void ThrowIfFailed()
        {
            if (_error is not null)
            {
                throw new IOException(_error.Message, _error);
            }
        }

        public override int Read(object clientData, byte[] buffer, int offset, int count) => _closed ? 0 : file.Read(buffer, offset, count);

        public override void Write(object clientData, byte[] buffer, int offset, int count)
        {
            if (_closed || _error is not null)
            {
                return;
            }

            try
            {
                file.Write(buffer, offset, count);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                _error = error;
            }
        }

        public override long Seek(object clientData, long offset, SeekOrigin origin) => _closed ? 0 : file.Seek(offset, origin);

        public override void Close(object clientData)
        {
        }

        public override long Size(object clientData) => _closed ? 0 : file.Length;
    }
}
