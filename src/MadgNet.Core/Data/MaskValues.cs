using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// Tells masks from what only looks like one: label images, numbered instances, masks with a border of another value, and drawings
/// in the transparency. Read as grey these would be nearly empty, or their border would be the foreground.
/// </summary>
internal static class MaskValues
{
    /// <summary>With more values than this a file has soft or damaged edges, whose values lie near black and white as well.</summary>
    private const int FewValues = 16;

    /// <summary>How near to white a value counts as white: files that were stored with losses have 251 to 254 there.</summary>
    private const double NearWhite = 4.0 / byte.MaxValue;

    /// <summary>The share of pixels between black and white that lie within an area of one value from which on they are a label.</summary>
    private const double AreaShare = 0.5;

    /// <summary>What is wrong with reading a mask as grey; null where nothing is.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="mask">The mask.</param>
    /// <param name="ignored">The values that are left out of everything.</param>
    public static Problem? Undeclared(string path, PixelImage mask, IReadOnlyList<int> ignored)
    {
        bool colors = !IsGray(mask);
        SortedDictionary<int, int> histogram = MaskReader.Histogram(colors ? mask : mask.ToGray(), colors);
        foreach (int value in ignored)
        {
            histogram.Remove(value);
        }

        if (HidesInAlpha(mask, histogram.Count))
        {
            return new Problem(
                path,
                "a mask whose colour is the same everywhere and whose transparency is not",
                "a mask drawn in its colours",
                "Read the transparency: LabelSource.AllMasks() with { Reading = MaskReading.Alpha }");
        }

        int most = colors ? 0xFFFFFF : mask.Maximum;
        int[] values = [.. histogram.Keys];
        if (values.Length == 0 || (values.Length == 2 && values[0] == 0) || (values.Length == 1 && (values[0] <= 1 || values[0] == most)))
        {
            return null;
        }

        bool visible = colors || values[^1] > most / 2;
        return visible && !HasAreas(mask, histogram, colors, most)
            ? null
            : new Problem(
                path,
                $"a label image with {values.Length} values ({MaskReader.Describe(values, colors)}) where a mask of foreground and "
                    + "background is read",
                "one value beside 0, or values that are declared",
                "Declare the values of each label with LabelSource." + (colors ? "Colors" : "Indices")
                    + ", take every value but 0 as foreground with MaskReading.NonZero or shares as such with MaskReading.Soft, and name "
                    + "values that count for nothing (a border, 255) in Ignored");
    }

    private static bool IsGray(PixelImage mask)
    {
        if (mask.Channels == 1)
        {
            return true;
        }

        int count = mask.Width * mask.Height;
        for (int i = 0; i < count; i++)
        {
            int first = i * mask.Channels;
            bool equal = mask.BitDepth == 8
                ? mask.Bytes[first] == mask.Bytes[first + 1] && mask.Bytes[first] == mask.Bytes[first + 2]
                : mask.Words[first] == mask.Words[first + 1] && mask.Words[first] == mask.Words[first + 2];
            if (!equal)
            {
                return false;
            }
        }

        return true;
    }

    private static bool HidesInAlpha(PixelImage mask, int values)
    {
        if (mask.Channels != 4 || values != 1)
        {
            return false;
        }

        int count = mask.Width * mask.Height;
        for (int i = 1; i < count; i++)
        {
            if (AlphaAt(mask, i) != AlphaAt(mask, 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A pixel's transparency, 0 … 255 or 65535.</summary>
    public static int AlphaAt(PixelImage mask, int pixel) =>
        mask.BitDepth == 8 ? mask.Bytes[(pixel * 4) + 3] : mask.Words[(pixel * 4) + 3];

    /// <summary>
    /// Whether what is neither black nor white forms areas. The pixels of a soft edge, and those that a lossy compression left, have
    /// neighbours of other values; those of a label have neighbours of their own.
    /// </summary>
    private static bool HasAreas(PixelImage mask, SortedDictionary<int, int> histogram, bool colors, int most)
    {
        int nearWhite = most - (int)(most * NearWhite);
        bool lossy = histogram.Count > FewValues || (!colors && histogram.Keys.Any(value => value >= nearWhite && value < most));
        PixelImage values = colors ? mask : mask.ToGray();
        long between = 0;
        long inside = 0;
        for (int y = 0, i = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++, i++)
            {
                int value = MaskReader.ValueAt(values, i, colors);
                if (IsEnd(value, colors, lossy, most) || !histogram.ContainsKey(value))
                {
                    continue;
                }

                between++;
                bool same = (x == 0 || MaskReader.ValueAt(values, i - 1, colors) == value)
                    && (x == mask.Width - 1 || MaskReader.ValueAt(values, i + 1, colors) == value)
                    && (y == 0 || MaskReader.ValueAt(values, i - mask.Width, colors) == value)
                    && (y == mask.Height - 1 || MaskReader.ValueAt(values, i + mask.Width, colors) == value);
                inside += same ? 1 : 0;
            }
        }

        return between > 0 && inside > between * AreaShare;
    }

    /// <summary>Whether a value is black or white, or as near to it as losses bring it.</summary>
    private static bool IsEnd(int value, bool colors, bool lossy, int most)
    {
        if (!colors)
        {
            return value <= (lossy ? most / 16 : 0) || value >= (lossy ? most - (int)(most * NearWhite) : most);
        }

        (int red, int green, int blue) = (value >> 16, (value >> 8) & 0xFF, value & 0xFF);
        return Math.Max(red, Math.Max(green, blue)) <= (lossy ? 16 : 0)
            || Math.Min(red, Math.Min(green, blue)) >= (lossy ? 239 : byte.MaxValue);
    }
}
