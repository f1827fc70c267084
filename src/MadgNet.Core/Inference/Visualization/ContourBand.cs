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
    private readonly int[] _steps;
    private readonly float[] _coverages;

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
        _steps = [.. _offsets.Select(offset => (offset.Y * _width) + offset.X)];

        // Distances run between the centres of pixels; the border lies half a pixel before the nearest one across it.
        _coverages = [.. _offsets.Select(offset => Math.Clamp(_half - (offset.Distance - 0.5f) + 0.5f, 0, 1))];
    }

    /// <summary>How many truth values a buffer for a band of so many rows holds.</summary>
    public int BufferLength(int rows) => (rows + (2 * _reach)) * _width;

    /// <summary>Fills the coverage of the rows from <paramref name="top"/> on.</summary>
    /// <param name="top">The first row of the band.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="coverage">rows × width values, 0..1; as they were where no contour passes the band.</param>
    /// <param name="touched">rows × width truth values; becomes true where the coverage is above 0, and stays as it was elsewhere.</param>
    /// <param name="near">At least <see cref="BufferLength"/> truth values to work with.</param>
    /// <returns>Whether any is above 0.</returns>
    public bool Cover(int top, int rows, Span<float> coverage, Span<bool> touched, bool[] near)
    {
        int first = Math.Max(0, top - _reach);
        int end = Math.Min(_height, top + rows + _reach);
        ReadOnlySpan<bool> inside = Inside(first, end);
        if (!Near(inside, end - first, near))
        {
            return false;
        }

        coverage.Clear();
        bool any = false;
        for (int y = 0; y < rows; y++)
        {
            int source = (top + y - first) * _width;
            int target = y * _width;
            ReadOnlySpan<bool> row = near.AsSpan(source, _width);
            for (int from = row.IndexOf(true); from >= 0;)
            {
                int length = row[from..].IndexOf(false);
                int stop = length < 0 ? _width : from + length;
                for (int x = from; x < stop; x++)
                {
                    float covered = At(inside, top + y - first, x, end - first);
                    if (covered > 0)
                    {
                        coverage[target + x] = covered;
                        touched[target + x] = true;
                        any = true;
                    }
                }

                int next = row[stop..].IndexOf(true);
                from = next < 0 ? -1 : stop + next;
            }
        }

        return any;
    }

    /// <summary>The mask at the picture's size, some rows of it.</summary>
    private ReadOnlySpan<bool> Inside(int first, int end)
    {
        if (_magnification == 1)
        {
            return _layer.Inside[(first * _width)..(end * _width)];
        }

        var inside = new bool[(end - first) * _width];
        for (int y = first; y < end; y++)
        {
            ReadOnlySpan<bool> source = _layer.Inside.Slice(y / _magnification * _layer.Width, _layer.Width);
            Span<bool> target = inside.AsSpan((y - first) * _width, _width);
            for (int x = 0; x < target.Length; x++)
            {
                target[x] = source[x / _magnification];
            }
        }

        return inside;
    }

    /// <summary>Finds the pixels within reach of a border, and perhaps some more.</summary>
    /// <returns>Whether there is a border; without one, <paramref name="near"/> holds nothing of use.</returns>
    private bool Near(ReadOnlySpan<bool> inside, int rows, bool[] near)
    {
        bool any = false;
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<bool> row = inside.Slice(y * _width, _width);
            for (int x = 0; x < _width;)
            {
                bool value = row[x];
                int run = row[x..].IndexOf(!value);
                int end = run < 0 ? _width : x + run;
                if (end < _width)
                {
                    Mark(near, ref any, y, end - 1, end, rows);
                }

                if (y + 1 < rows)
                {
                    MarkBelow(near, ref any, inside, value, y, x, end, rows);
                }

                x = end;
            }
        }

        return any;
    }

    /// <summary>Marks where the row below a run is on the other side.</summary>
    private void MarkBelow(bool[] near, ref bool any, ReadOnlySpan<bool> inside, bool value, int y, int from, int to, int rows)
    {
        ReadOnlySpan<bool> below = inside.Slice((y + 1) * _width, _width);
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
            Mark(near, ref any, y, from, stop, rows);
            from = stop;
        }
    }

    /// <summary>Marks what is within reach of a border right of or below some pixels of a row.</summary>
    private void Mark(bool[] near, ref bool any, int y, int from, int to, int rows)
    {
        if (!any)
        {
            near.AsSpan(0, rows * _width).Clear();
            any = true;
        }

        int left = Math.Max(0, from - _reach);
        int right = Math.Min(_width, to + _reach + 1);
        for (int row = Math.Max(0, y - _reach); row < Math.Min(rows, y + _reach + 2); row++)
        {
            near.AsSpan((row * _width) + left, right - left).Fill(true);
        }
    }

    /// <summary>The coverage of a pixel, from the nearest one of the other side.</summary>
    private float At(ReadOnlySpan<bool> inside, int y, int x, int rows)
    {
        int at = (y * _width) + x;
        bool own = inside[at];
        if (y >= _reach && y < rows - _reach && x >= _reach && x < _width - _reach)
        {
            for (int i = 0; i < _steps.Length; i++)
            {
                if (inside[at + _steps[i]] != own)
                {
                    return _coverages[i];
                }
            }

            return 0;
        }

        for (int i = 0; i < _offsets.Length; i++)
        {
            (int row, int column) = (y + _offsets[i].Y, x + _offsets[i].X);
            if ((uint)row < (uint)rows && (uint)column < (uint)_width && inside[(row * _width) + column] != own)
            {
                return _coverages[i];
            }
        }

        return 0;
    }
}
