using System.Text;

namespace MadgNet.Core.Annotations;

/// <summary>
/// A mask as the lengths of its runs, as COCO has it: down the columns from the left, the first run outside of the mask (0 long where
/// the first pixel is inside), then inside and outside by turns.
/// </summary>
public sealed class RunLengthMask
{
    private readonly long[] _counts;

    /// <summary>Creates a mask from its runs.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="counts">The lengths of the runs, the first one outside; their sum is the number of pixels.</param>
    /// <exception cref="ArgumentException">A length is negative, or they are not as many pixels as the size says.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the pixels are too many for one mask.</exception>
    public RunLengthMask(int height, int width, IReadOnlyList<long> counts)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)height * width, Array.MaxLength);
        ArgumentNullException.ThrowIfNull(counts);
        long sum = 0;
        foreach (long count in counts)
        {
            sum = count < 0 || sum > (long)height * width ? long.MaxValue : sum + count;
            if (sum == long.MaxValue)
            {
                break;
            }
        }

        if (sum != (long)height * width)
        {
            throw new ArgumentException(
                $"received runs that do not add up to {height}×{width}; expected {(long)height * width} pixels in runs of 0 or more. "
                    + $"Check the size, which is height before width.",
                nameof(counts));
        }

        Height = height;
        Width = width;
        _counts = [.. counts];
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The lengths of the runs, by turns outside and inside, the first one outside.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>How many pixels are inside.</summary>
    public long Area
    {
        get
        {
            long area = 0;
            for (int i = 1; i < _counts.Length; i += 2)
            {
                area += _counts[i];
            }

            return area;
        }
    }

    /// <summary>Encodes a mask.</summary>
    /// <param name="mask">height·width truth values, row after row.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <returns>The runs; a run of 0 only at the start.</returns>
    /// <exception cref="ArgumentException">There are not height·width values.</exception>
    public static RunLengthMask Encode(ReadOnlySpan<bool> mask, int height, int width)
    {
        if (mask.Length != (long)height * width)
        {
            throw new ArgumentException(
                $"received {mask.Length} values; expected {(long)height * width} for {height}×{width} pixels. Pass one for every pixel.",
                nameof(mask));
        }

        var counts = new List<long>();
        bool inside = false;
        long run = 0;
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                if (mask[(y * width) + x] != inside)
                {
                    counts.Add(run);
                    run = 0;
                    inside = !inside;
                }

                run++;
            }
        }

        counts.Add(run);
        return new RunLengthMask(height, width, counts);
    }

    /// <summary>Reads COCO's compressed form.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="text">The text, which COCO calls <c>counts</c>.</param>
    /// <returns>The mask.</returns>
    /// <exception cref="FormatException">The text is no such form.</exception>
    /// <exception cref="ArgumentException">The runs do not add up to the size.</exception>
    public static RunLengthMask FromCompressed(int height, int width, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var counts = new List<long>();
        int at = 0;
        while (at < text.Length)
        {
            long value = 0;
            int shift = 0;
            bool more = true;
            while (more)
            {
                int part = at < text.Length ? text[at] - '0' : -1;
                if (part is < 0 or > 63 || shift > 55)
                {
                    throw new FormatException(
                        $"received a compressed mask that is broken at character {at}; expected characters '0' to 'o'. Write it again.");
                }

                value |= (long)(part & 0x1f) << shift;
                shift += 5;
                at++;
                more = (part & 0x20) != 0;
                if (!more && (part & 0x10) != 0)
                {
                    value |= -1L << shift;
                }
            }

            // From the fourth run on a run is told by how much it differs from the last one of its kind.
            counts.Add(counts.Count > 2 ? value + counts[^2] : value);
        }

        return new RunLengthMask(height, width, counts);
    }

    /// <summary>The mask in COCO's compressed form.</summary>
    /// <returns>The text, of the characters '0' to 'o'.</returns>
    public string ToCompressed()
    {
        var text = new StringBuilder();
        for (int i = 0; i < _counts.Length; i++)
        {
            long value = i > 2 ? _counts[i] - _counts[i - 2] : _counts[i];
            bool more = true;
            while (more)
            {
                int part = (int)(value & 0x1f);
                value >>= 5;
                more = (part & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)('0' + part + (more ? 0x20 : 0)));
            }
        }

        return text.ToString();
    }

    /// <summary>The mask as truth values.</summary>
    /// <returns>height·width values, row after row.</returns>
    public bool[] Decode()
    {
        var mask = new bool[Height * Width];
        long at = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            if (i % 2 == 1)
            {
                for (long pixel = at; pixel < at + _counts[i]; pixel++)
                {
                    mask[(pixel % Height * Width) + (pixel / Height)] = true;
                }
            }

            at += _counts[i];
        }

        return mask;
    }
}
