using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>
/// The rows of a large image that one row of tiles covers. Moves downwards, keeps what the next row of tiles shares with this one,
/// and so reads every row of the source once.
/// </summary>
internal sealed class SourceBand
{
    /// <summary>Rows that are read at once.</summary>
    private const int ChunkRows = 64;

    private readonly IImageSource _source;
    private readonly string _name;
    private byte[]? _bytes;
    private ushort[]? _words;
    private PixelImage? _pixels;
    private readonly int _rows;
    private int _top;
    private int _read;

    public SourceBand(IImageSource source, string name, int rows)
    {
        _source = source;
        _name = name;
        _rows = Math.Min(rows, source.Height);
    }

    /// <summary>Moves to the rows from a place on.</summary>
    public void MoveTo(int top, CancellationToken cancellationToken)
    {
        if (_pixels is not null && top > _top)
        {
            int gone = (top - _top) * _pixels.Width * _pixels.Channels;
            Shift(_bytes, gone);
            Shift(_words, gone);
        }

        _top = top;
        for (int end = Math.Min(top + _rows, _source.Height); _read < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(ChunkRows, end - _read);
            Store(_source.Read(0, _read, _source.Width, count), _read - top, count);
            _read += count;
        }
    }

    /// <summary>A part of these rows; columns and rows beyond the image are left out.</summary>
    public PixelImage Cut(int left, int height, int width) =>
        _pixels!.Crop(left, 0, Math.Min(width, _source.Width - left), Math.Min(height, Math.Min(_rows, _source.Height - _top)));

    private static void Shift<T>(T[]? samples, int gone) =>
        samples?.AsSpan(Math.Min(gone, samples.Length)).CopyTo(samples);

    private void Store(PixelImage window, int row, int rows)
    {
        if (_pixels is null)
        {
            long length = (long)_rows * window.Width * window.Channels;
            if (length > Array.MaxLength)
            {
                throw new ImageReadException(
                    _name,
                    $"{_source.Width} columns of {window.Channels} channels",
                    $"at most {Array.MaxLength / _rows / window.Channels} columns for tiles of {_rows} rows",
                    "Choose smaller tiles");
            }

            if (window.BitDepth == 8)
            {
                _pixels = new PixelImage(window.Width, _rows, window.Channels, _bytes = new byte[length]);
            }
            else
            {
                _words = new ushort[length];
                _pixels = new PixelImage(window.Width, _rows, window.Channels, _words, window.Offset) { Scale = window.Scale };
            }
        }

        if ((window.Width,
            window.Height,
            window.Channels,
            window.BitDepth,
            window.Offset) != (_source.Width, rows, _pixels.Channels, _pixels.BitDepth, _pixels.Offset))
        {
            throw new ImageReadException(
                _name,
                $"a window of {window.Width}×{window.Height} with {window.Channels} channels of {window.BitDepth} bits and offset "
                    + $"{window.Offset}",
                $"{_source.Width}×{rows} with {_pixels.Channels} channels of {_pixels.BitDepth} bits and offset {_pixels.Offset}, as "
                    + $"was asked for and as before",
                "Correct the IImageSource");
        }

        int start = row * window.Width * window.Channels;
        if (_bytes is not null)
        {
            window.Bytes.CopyTo(_bytes.AsSpan(start));
        }
        else
        {
            window.Words.CopyTo(_words.AsSpan(start));
        }
    }
}
