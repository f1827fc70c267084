using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>Turns mask files into one plane per label, whatever way they encode foreground.</summary>
internal static class MaskReader
{
    /// <summary>Reads all labels' masks of an image and brings them to its size.</summary>
    /// <exception cref="DatasetException">A mask belongs to no label, its shape is not its image's, or a label image holds undeclared
    /// values.</exception>
    public static FloatImage[] Read(SampleFiles files, int height, int width, FolderDatasetOptions options)
    {
        if (files.Masks.FirstOrDefault(path => !options.Labels.Any(label => label.Owns(path))) is { } stray)
        {
            throw new DatasetException(Stray(stray, options));
        }

        var planes = new FloatImage[options.Labels.Count];
        for (int label = 0; label < planes.Length; label++)
        {
            LabelSource source = options.Labels[label];
            FloatImage? united = null;
            foreach (string path in files.Masks.Where(source.Owns))
            {
                PixelImage mask = options.Reader.Read(path, ReadOptions(source));
                CheckAspect(path, mask, height, width);
                FloatImage plane = source.Values.Count > 0
                    ? ImageResizer.Nearest(LabelPlane(mask, path, source, options), height, width)
                    : ImageResizer.Bilinear(BinaryPlane(mask), height, width);
                united = united is null ? plane : Unite(united, plane);
            }

            planes[label] = united ?? new FloatImage(1, height, width);
        }

        return planes;
    }

    /// <summary>A mask file that carries no label's mark.</summary>
    public static Problem Stray(string path, FolderDatasetOptions options) => new(
        path,
        "a mask that belongs to no label",
        $"a folder or an end of the name that marks a label: {string.Join(", ", options.Labels.SelectMany(label => label.Markers))}",
        "Add its mark to a label, or leave the file out");

    public static ImageReadOptions? ReadOptions(LabelSource source) =>
        source is { Values.Count: > 0, AreColors: false } ? new ImageReadOptions { PaletteIndices = true } : null;

    /// <summary>
    /// A mask's grey as 0..1. A mask of two values, 0 and another, is taken as 0 and 1 whatever the other is (1, 255, the
    /// grey of a palette's colour); every other one is scaled by its bit depth, so that soft edges stay soft.
    /// </summary>
    public static FloatImage BinaryPlane(PixelImage mask)
    {
        PixelImage gray = mask.ToGray();
        int other = OtherValue(gray);
        if (other < 0)
        {
            return gray.ToFloat();
        }

        var plane = new FloatImage(1, gray.Height, gray.Width);
        Span<float> target = plane.Data;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (gray.BitDepth == 8 ? gray.Bytes[i] : gray.Words[i]) == 0 ? 0 : 1;
        }

        return plane;
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
        foreach (int declared in options.Labels.SelectMany(label => label.Values).Concat(options.Background))
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

    private static FloatImage LabelPlane(PixelImage mask, string path, LabelSource source, FolderDatasetOptions options)
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

        var plane = new FloatImage(1, mask.Height, mask.Width);
        Span<float> target = plane.Data;
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = belongs[ValueAt(values, i, source.AreColors)] ? 1 : 0;
        }

        return plane;
    }

    private static int ValueAt(PixelImage mask, int pixel, bool colors)
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
    private static int OtherValue(PixelImage gray)
    {
        int other = 0;
        bool zero = false;
        for (int i = 0; i < gray.Width * gray.Height; i++)
        {
            int value = gray.BitDepth == 8 ? gray.Bytes[i] : gray.Words[i];
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
        return zero || other == 1 || other == gray.Maximum ? other : -1;
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
