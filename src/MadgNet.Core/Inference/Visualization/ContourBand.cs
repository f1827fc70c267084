namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// How much of each pixel a contour covers, for a band of rows of a picture. Only what lies near a border is looked at, so that the work
/// and the memory are those of the contours and not those of the picture.
/// </summary>
internal sealed class ContourBand
{
    private readonly OverlayLayer _layer;
    private readonly int _width;
    private readonly int _height;
    private readonly int _magnification;
    private readonly float _half;
    private readonly int _reach;
    private readonly (int Y, int X, float Distance)[] _offsets;

    /// <summary>Prepares the contours of a layer.</summary>
    /// <param name="layer">The mask.</param>
    /// <param name="magnification">Pixels of the picture for one of the mask, in each direction.</param>
    /// <param name="thickness">In pixels of the picture, above 0.</param>
    public ContourBand(OverlayLayer layer, int magnification, double thickness)
    {
        _layer = layer;
        _magnification = magnification;
        _width = layer.Width * magnification;
        _height = layer.Height * magnification;
        _half = (float)(thickness / 2);

        // Coverage ends where a pixel of the other side is half a thickness and one pixel away.
        _reach = Math.Max(1, (int)Math.Ceiling(_half + 1) - 1);
        _offsets =
        [
            .. Enumerable.Range(-_reach, (2 * _reach) + 1)
                .SelectMany(y => Enumerable.Range(-_reach, (2 * _reach) + 1)
                    .Select(x => (y, x, Distance: (float)Math.Sqrt((y * y) + (x * x)))))
                .Where(offset => offset.Distance > 0 && offset.Distance < _half + 1)
                .OrderBy(offset => offset.Distance),
        ];
    }

    /// <summary>Fills the coverage of the rows from <paramref name="top"/> on.</summary>
    /// <param name="top">The first row of the band.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="coverage">rows × width values, 0..1.</param>
    /// <returns>Whether any is above 0.</returns>
    public bool Cover(int top, int rows, Span<float> coverage)
    {
        coverage.Clear();
        int first = Math.Max(0, top - _reach);
        int end = Math.Min(_height, top + rows + _reach);
        bool[] inside = Inside(first, end);
        bool[]? near = Near(inside, end - first);
        if (near is null)
        {
            return false;
        }

        bool any = false;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<bool> row = near.AsSpan((top + y - first) * _width, _width);
            for (int from = row.IndexOf(true); from >= 0;)
            {
                float covered = At(inside, top + y - first, from, end - first);
                coverage[(y * _width) + from] = covered;
                any |= covered > 0;
                int next = row[(from + 1)..].IndexOf(true);
                from = next < 0 ? -1 : from + 1 + next;
            }
        }

        return any;
    }

    /// <summary>The mask at the picture's size, some rows of it.</summary>
    private bool[] Inside(int first, int end)
    {
        var inside = new bool[(end - first) * _width];
        for (int y = first; y < end; y++)
        {
            ReadOnlySpan<bool> source = _layer.Inside.Slice(y / _magnification * _layer.Width, _layer.Width);
            Span<bool> target = inside.AsSpan((y - first) * _width, _width);
            if (_magnification == 1)
            {
                source.CopyTo(target);
                continue;
            }

            for (int x = 0; x < target.Length; x++)
            {
                target[x] = source[x / _magnification];
            }
        }

        return inside;
    }

    /// <summary>The pixels within reach of a border, and perhaps some more; null where there is no border.</summary>
    private bool[]? Near(bool[] inside, int rows)
    {
        bool[]? near = null;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<bool> row = inside.AsSpan(y * _width, _width);
            for (int x = 0; x < _width;)
            {
                bool value = row[x];
                int run = row[x..].IndexOf(!value);
                int end = run < 0 ? _width : x + run;
                if (end < _width)
                {
                    Mark(near ??= new bool[inside.Length], y, end - 1, end, rows);
                }

                if (y + 1 < rows)
                {
                    MarkBelow(ref near, inside, value, y, x, end, rows);
                }

                x = end;
            }
        }

        return near;
    }

    /// <summary>Marks where the row below a run is on the other side.</summary>
    private void MarkBelow(ref bool[]? near, bool[] inside, bool value, int y, int from, int to, int rows)
    {
        ReadOnlySpan<bool> below = inside.AsSpan((y + 1) * _width, _width);
        while (from < to)
        {
            int differs = below[from..to].IndexOf(!value);
            if (differs < 0)
            {
                return;
            }

            from += differs;
            int same = below[from..to].IndexOf(value);
            int stop = same < 0 ? to : from + same;
            Mark(near ??= new bool[inside.Length], y, from, stop, rows);
            from = stop;
        }
    }

    /// <summary>Marks what is within reach of a border right of or below some pixels of a row.</summary>
    private void Mark(bool[] near, int y, int from, int to, int rows)
    {
        int left = Math.Max(0, from - _reach);
        int right = Math.Min(_width, to + _reach + 1);
        for (int row = Math.Max(0, y - _reach); row < Math.Min(rows, y + _reach + 2); row++)
        {
            near.AsSpan((row * _width) + left, right - left).Fill(true);
        }
    }

    /// <summary>The coverage of a pixel, from the nearest one of the other side.</summary>
    private float At(bool[] inside, int y, int x, int rows)
    {
        bool own = inside[(y * _width) + x];
        foreach ((int down, int aside, float away) in _offsets)
        {
            (int row, int column) = (y + down, x + aside);
            if ((uint)row < (uint)rows && (uint)column < (uint)_width && inside[(row * _width) + column] != own)
            {
                // Distances run between the centres of pixels; the border lies half a pixel before the nearest one across it.
                return Math.Clamp(_half - (away - 0.5f) + 0.5f, 0, 1);
            }
        }

        return 0;
    }
}
