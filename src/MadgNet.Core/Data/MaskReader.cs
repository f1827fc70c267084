using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>Turns mask files into one plane per label, whatever way they encode foreground.</summary>
internal static class MaskReader
{
    /// <summary>Reads all labels' masks of an image and brings them to its size.</summary>
    /// <returns>A plane for each label, and the pixels that count for nothing; null where no file has any.</returns>
    /// <exception cref="DatasetException">A mask belongs to no label, its shape is not its image's, or it holds undeclared
    /// values.</exception>
    public static (FloatImage[] Masks, FloatImage? Ignored) Read(SampleFiles files, int height, int width, FolderDatasetOptions options)
    {
        if (files.Masks.FirstOrDefault(path => !options.Labels.Any(label => label.Owns(path))) is { } stray)
        {
            throw new DatasetException(Stray(stray, options));
        }

        var planes = new FloatImage[options.Labels.Count];
        FloatImage? ignored = null;
        for (int label = 0; label < planes.Length; label++)
        {
            LabelSource source = options.Labels[label];
            FloatImage? united = null;
            foreach (string path in files.Masks.Where(source.Owns))
            {
                PixelImage mask = MaskFile.Read(path, label, planes.Length, source, options);
                CheckAspect(path, mask, height, width);
                FloatImage plane = source.Values.Count > 0
                    ? ImageResizer.Nearest(LabelPlane(mask, path, source, options), height, width)
                    : ImageResizer.Bilinear(OwnPlane(mask, path, source.Reading, options), height, width);
                united = united is null ? plane : Unite(united, plane);
                if (IgnoredPlane(mask, source, options) is { } left)
                {
                    left = ImageResizer.Nearest(left, height, width);
                    ignored = ignored is null ? left : Unite(ignored, left);
                }
            }

            planes[label] = united ?? new FloatImage(1, height, width);
        }

        return (planes, ignored);
    }

    /// <summary>A mask file that carries no label's mark.</summary>
    public static Problem Stray(string path, FolderDatasetOptions options) => new(
        path,
        "a mask that belongs to no label",
        $"a folder or an end of the name that marks a label: {string.Join(", ", options.Labels.SelectMany(label => label.Markers))}",
        "Add its mark to a label, or leave the file out");

    /// <summary>A mask file of a label of its own as 0..1.</summary>
    /// <exception cref="DatasetException">It holds values that nothing declares.</exception>
    public static FloatImage OwnPlane(PixelImage mask, string path, MaskReading reading, FolderDatasetOptions options)
    {
        switch (reading)
        {
            case MaskReading.NonZero:
                return Plane(mask, pixel => !IsBlack(mask, pixel) && !options.Ignored.Contains(ValueAt(mask, pixel, mask.Channels > 1)));
            case MaskReading.Alpha:
                return mask.Channels == 4
                    ? Plane(mask, pixel => MaskValues.AlphaAt(mask, pixel) > mask.Maximum / 2)
                    : throw new DatasetException(new Problem(
                        path, $"a mask of {mask.Channels} channels, without transparency", "one with transparency", "Read its grey: leave Reading out"));
            case MaskReading.Soft:
                return BinaryPlane(mask, options.Ignored);
            default:
                return MaskValues.Undeclared(path, mask, options.Ignored) is { } problem
                    ? throw new DatasetException(problem)
                    : BinaryPlane(mask, options.Ignored);
        }
    }

    /// <summary>Where a mask's pixels count for nothing: 1 there, 0 elsewhere; null where they all count.</summary>
    public static FloatImage? IgnoredPlane(PixelImage mask, LabelSource source, FolderDatasetOptions options)
    {
        if (options.Ignored.Count == 0 || source.Reading == MaskReading.Alpha)
        {
            return null;
        }

        PixelImage values = source.AreColors ? mask : mask.ToGray();
        bool any = false;
        FloatImage plane = Plane(values, pixel =>
        {
            bool ignored = options.Ignored.Contains(ValueAt(values, pixel, source.AreColors));
            any |= ignored;
            return ignored;
        });
        return any ? plane : null;
    }

    /// <summary>
    /// A mask's grey as 0..1. A mask of two values, 0 and another, is taken as 0 and 1 whatever the other is (1, 255, the
    /// grey of a palette's colour); every other one is scaled by its bit depth, so that soft edges stay soft.
    /// </summary>
    public static FloatImage BinaryPlane(PixelImage mask, IReadOnlyList<int> ignored)
    {
        PixelImage gray = mask.ToGray();
        int other = OtherValue(gray, ignored);
        if (other < 0 && ignored.Count == 0)
        {
            return gray.ToFloat();
        }

        return Plane(gray, pixel => Gray(gray, pixel) is not 0 and int value && !ignored.Contains(value)
            && (other >= 0 || value > gray.Maximum / 2));
    }

    /// <summary>
    /// Whether two sizes are one shape: the smaller one, enlarged, misses the larger one by less than its own pixel's share.
    /// </summary>
    public static bool SameAspect(int height, int width, int otherHeight, int otherWidth)
    {
        double scale = Math.Max((double)otherHeight / height, (double)otherWidth / width);
        double tolerance = Math.Max(1, Math.Max(scale, 1 / scale));
        return Math.Abs((height * scale) - otherHeight) <= tolerance && Math.Abs((width * scale) - otherWidth) <= tolerance;
    }

    /// <summary>The values of a label image, colours as 0xRRGGBB, with how often they occur.</summary>
    public static SortedDictionary<int, int> Histogram(PixelImage mask, bool colors)
    {
        var counts = new SortedDictionary<int, int>();
        int previous = -1;
        int run = 0;
        int count = mask.Width * mask.Height;
        for (int i = 0; i < count; i++)
        {
            int value = ValueAt(mask, i, colors);
            if (value != previous && run > 0)
            {
                counts[previous] = counts.GetValueOrDefault(previous) + run;
                run = 0;
            }

            previous = value;
            run++;
        }

        counts[previous] = counts.GetValueOrDefault(previous) + run;
        return counts;
    }

    /// <summary>The declared value that a label image's value stands for, or −1 where it stands for none.</summary>
    public static int Declared(int value, FolderDatasetOptions options)
    {
        int best = -1;
        int bestDistance = options.LabelTolerance + 1;
        foreach (int declared in options.Labels.SelectMany(label => label.Values).Concat(options.Background).Concat(options.Ignored))
        {
            int distance = Math.Max(
                Math.Abs((value & 0xFF) - (declared & 0xFF)),
                Math.Max(Math.Abs(((value >> 8) & 0xFF) - ((declared >> 8) & 0xFF)), Math.Abs((value >> 16) - (declared >> 16))));
            if (distance < bestDistance)
            {
                (best, bestDistance) = (declared, distance);
            }
        }

        return best;
    }

    public static string Describe(IEnumerable<int> values, bool colors) =>
        string.Join(", ", values.Take(8).Select(value => colors ? $"0x{value:X6}" : $"{value}")) + (values.Skip(8).Any() ? ", …" : "");

    public static FloatImage LabelPlane(PixelImage mask, string path, LabelSource source, FolderDatasetOptions options)
    {
        PixelImage values = source.AreColors ? mask : mask.ToGray();
        var belongs = new Dictionary<int, bool>();
        List<int> unknown = [];
        foreach (int value in Histogram(values, source.AreColors).Keys)
        {
            int declared = Declared(value, options);
            if (declared < 0)
            {
                unknown.Add(value);
            }

            belongs[value] = source.Values.Contains(declared);
        }

        if (unknown.Count > 0)
        {
            throw new DatasetException(new Problem(
                path,
                $"a label image with the undeclared values {Describe(unknown, source.AreColors)}",
                $"only {Describe(options.DeclaredValues, source.AreColors)}",
                "Declare the values in Labels or Background, or set LabelTolerance if the file was stored with losses"));
        }

        return Plane(values, pixel => belongs[ValueAt(values, pixel, source.AreColors)]);
    }

    private static FloatImage Plane(PixelImage mask, Func<int, bool> isSet)
    {
        var plane = new FloatImage(1, mask.Height, mask.Width);
        Span<float> target = plane.Data;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = isSet(i) ? 1 : 0;
        }

        return plane;
    }

    private static bool IsBlack(PixelImage mask, int pixel)
    {
        for (int i = pixel * mask.Channels, c = 0; c < Math.Min(3, mask.Channels); c++)
        {
            if ((mask.BitDepth == 8 ? mask.Bytes[i + c] : mask.Words[i + c]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    private static int Gray(PixelImage gray, int pixel) => gray.BitDepth == 8 ? gray.Bytes[pixel] : gray.Words[pixel];

    /// <summary>A pixel's grey value or index, or its colour as 0xRRGGBB.</summary>
    public static int ValueAt(PixelImage mask, int pixel, bool colors)
    {
        if (!colors || mask.Channels == 1)
        {
            int value = mask.BitDepth == 8 ? mask.Bytes[pixel] : mask.Words[pixel];
            return colors ? (mask.BitDepth == 8 ? value : value >> 8) * 0x010101 : value;
        }

        int first = pixel * mask.Channels;
        return mask.BitDepth == 8
            ? (mask.Bytes[first] << 16) | (mask.Bytes[first + 1] << 8) | mask.Bytes[first + 2]
            : ((mask.Words[first] >> 8) << 16) | ((mask.Words[first + 1] >> 8) << 8) | (mask.Words[first + 2] >> 8);
    }

    /// <summary>The one value beside 0 of a mask of two values; −1 where it has more, or where a single dark grey says nothing.</summary>
    private static int OtherValue(PixelImage gray, IReadOnlyList<int> ignored)
    {
        int other = 0;
        bool zero = false;
        for (int i = 0; i < gray.Width * gray.Height; i++)
        {
            int value = Gray(gray, i);
            if (ignored.Count > 0 && ignored.Contains(value))
            {
                continue;
            }

            if (value == 0)
            {
                zero = true;
            }
            else if (other == 0)
            {
                other = value;
            }
            else if (value != other)
            {
                return -1;
            }
        }

        // All pixels 1 is a full mask of a 0/1 file, and all pixels at the maximum one of a 0/255 file.
        return zero || other <= 1 || other == gray.Maximum ? other : -1;
    }

    private static void CheckAspect(string path, PixelImage mask, int height, int width)
    {
        if (!SameAspect(height, width, mask.Height, mask.Width))
        {
            throw new DatasetException(new Problem(
                path,
                $"a mask of {mask.Width}×{mask.Height} for an image of {width}×{height}",
                "a mask of its image's size, or at least of its shape",
                mask.Height == width && mask.Width == height
                    ? "Turn the mask: its image was probably turned by its EXIF orientation"
                    : "Check that the two belong together, and resize the mask to its image"));
        }
    }

    private static FloatImage Unite(FloatImage one, FloatImage other)
    {
        var united = new FloatImage(1, one.Height, one.Width);
        Span<float> target = united.Data;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = MathF.Max(one.Data[i], other.Data[i]);
        }

        return united;
    }
}
