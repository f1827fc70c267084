namespace MadgNet.Core.Annotations;

/// <summary>
/// Label Studio's brush: bits, the highest first. 32 bits say how many values there are, 5 how long a value is less one, 4 times 4 how
/// long the lengths of runs are less one. Then come runs: a bit whether all values of it are the same, two for which of the four lengths
/// it has, its length less one, and the value, or all of them.
/// </summary>
internal static class LabelStudioBrush
{
    /// <summary>The opacity of every pixel; the values are red, green, blue and opacity of each.</summary>
    /// <exception cref="FormatException">The bytes are something else, or not of this size.</exception>
    public static bool[] Decode(IReadOnlyList<byte> bytes, int height, int width)
    {
        var bits = new Bits(bytes);
        long count = bits.Read(32);
        if (count != 4L * height * width)
        {
            throw new FormatException($"it holds {count} values instead of {4L * height * width} for {height}×{width} pixels");
        }

        int wordSize = bits.Read(5) + 1;
        int[] lengths = [bits.Read(4) + 1, bits.Read(4) + 1, bits.Read(4) + 1, bits.Read(4) + 1];
        var mask = new bool[height * width];
        long at = 0;
        while (at < count)
        {
            bool same = bits.Read(1) == 1;
            long end = at + 1 + bits.Read(lengths[bits.Read(2)]);
            if (end > count)
            {
                throw new FormatException("a run goes beyond the end");
            }

            int value = same ? bits.Read(wordSize) : 0;
            for (; at < end; at++)
            {
                value = same ? value : bits.Read(wordSize);
                if (at % 4 == 3)
                {
                    mask[at / 4] = value > 0;
                }
            }
        }

        return mask;
    }

    private sealed class Bits(IReadOnlyList<byte> bytes)
    {
        private long _at;

        public int Read(int count)
        {
            if (_at + count > 8L * bytes.Count)
            {
                throw new FormatException("it ends within a run");
            }

            uint value = 0;
            for (int i = 0; i < count; i++, _at++)
            {
                value = (value << 1) | (uint)(bytes[(int)(_at / 8)] >> (int)(7 - (_at % 8)) & 1);
            }

            return value <= int.MaxValue ? (int)value : throw new FormatException("it holds more values than an image has");
        }
    }
}
