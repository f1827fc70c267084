using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>
/// Adds up the weighted maps of tiles, one row of tiles after another, and hands out the rows of the image that no further tile
/// touches. Holds as many rows as a tile has, however high the image is.
/// </summary>
internal sealed class TileBlender
{
    /// <summary>Rows that are handed out at once, at most.</summary>
    private const int ChunkRows = 64;

    private readonly TileGrid _grid;
    private readonly FloatImage _sums;
    private readonly Action<int, FloatImage> _emit;
    private FloatImage? _chunk;
    private int _top;

    public TileBlender(TileGrid grid, int labels, Action<int, FloatImage> emit)
    {
        _grid = grid;
        _emit = emit;
        _sums = new FloatImage(labels, Math.Min(grid.Rows.TileSize, grid.Rows.Length), grid.Columns.Length);
    }

    /// <summary>Adds the map of a tile of the current row of tiles.</summary>
    public void Add(int row, int column, FloatImage map)
    {
        ReadOnlySpan<float> across = _grid.Columns.Weights(column);
        ReadOnlySpan<float> down = _grid.Rows.Weights(row);
        int left = _grid.Columns.Start(column);
        int width = Math.Min(map.Width, _grid.Columns.Length - left);
        int height = Math.Min(map.Height, _grid.Rows.Length - _grid.Rows.Start(row));
        for (int label = 0; label < map.Channels; label++)
        {
            for (int y = 0; y < height; y++)
            {
                float weight = down[y];
                if (weight == 0)
                {
                    continue;
                }

                ReadOnlySpan<float> source = map.Row(label, y)[..width];
                Span<float> target = _sums.Row(label, y + _grid.Rows.Start(row) - _top).Slice(left, width);
                for (int x = 0; x < source.Length; x++)
                {
                    target[x] += weight * across[x] * source[x];
                }
            }
        }
    }

    /// <summary>Hands out the rows above the next row of tiles, or all that are left after the last.</summary>
    public void Finish(int row)
    {
        int end = row == _grid.Rows.Count - 1 ? _grid.Rows.Length : _grid.Rows.Start(row + 1);
        for (int y = _top; y < end; y += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, end - y);
            if (_chunk?.Height != rows)
            {
                _chunk = new FloatImage(_sums.Channels, rows, _sums.Width);
            }

            for (int label = 0; label < _sums.Channels; label++)
            {
                Span<float> target = _chunk.Plane(label);
                _sums.Plane(label).Slice((y - _top) * _sums.Width, target.Length).CopyTo(target);
                for (int i = 0; i < target.Length; i++)
                {
                    // The weights add up to 1 but for rounding.
                    target[i] = Math.Clamp(target[i], 0, 1);
                }
            }

            _emit(y, _chunk);
        }

        for (int label = 0; label < _sums.Channels; label++)
        {
            Span<float> plane = _sums.Plane(label);
            int gone = (end - _top) * _sums.Width;
            plane[gone..].CopyTo(plane);
            plane[(plane.Length - gone)..].Clear();
        }

        _top = end;
    }
}
