using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>Reads a file that holds a mask: an image, or numbers in an <c>.npy</c> file, which mean what they mean in an image.</summary>
internal static class MaskFile
{
    public const string ArrayExtension = ".npy";

    /// <summary>Whether the file is an array of numbers rather than an image.</summary>
    public static bool IsArray(string path) => path.EndsWith(ArrayExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a mask as whole numbers, one channel or a colour.</summary>
    /// <param name="path">The file.</param>
    /// <param name="plane">Which map of an array of several is meant.</param>
    /// <param name="planes">How many maps the array may have.</param>
    /// <param name="source">The label that it is read for.</param>
    /// <param name="options">How files become samples.</param>
    public static PixelImage Read(string path, int plane, int planes, LabelSource source, FolderDatasetOptions options)
    {
        if (!IsArray(path))
        {
            return Meant(options.Reader.ReadGuarded(path, ReadOptions(source, options)), path);
        }

        FloatImage maps = ReadArray(path);
        if (maps.Channels != 1 && maps.Channels != planes)
        {
            throw new DatasetException(new Problem(
                path,
                $"an array of {maps.Channels} maps of {maps.Width}×{maps.Height}",
                planes == 1 ? "one map, H×W" : $"one map, or one for each of the {planes} labels",
                "Save the maps that are meant, labels first: L×H×W"));
        }

        return ToPixels(maps.Plane(maps.Channels == 1 ? 0 : plane), maps.Height, maps.Width, path);
    }

    /// <summary>An array as maps: H×W, 1×H×W, H×W×1 or L×H×W; every value is finite.</summary>
    public static FloatImage ReadArray(string path)
    {
        NpyArray array = NpyFile.Read(path);
        int[] shape = [.. array.Shape];
        if (shape is [var rows, var columns, 1] && rows > 1)
        {
            shape = [rows, columns];
        }

        while (shape.Length > 3 && shape[0] == 1)
        {
            shape = shape[1..];
        }

        if (shape.Length is not (2 or 3) || array.Values.Length == 0)
        {
            throw new ImageReadException(
                path,
                $"an array of the shape ({string.Join(", ", array.Shape)})",
                "H×W or L×H×W with at least one value",
                "Save one map, or the maps of the labels one after another");
        }

        foreach (float value in array.Values)
        {
            if (!float.IsFinite(value))
            {
                throw new ImageReadException(
                    path,
                    FormattableString.Invariant($"an array with the value {value}"),
                    "finite numbers",
                    "Find out what made it: a NaN points to a training that diverged");
            }
        }

        return new NpyArray(shape, array.Values.ToArray()).ToImage();
    }

    /// <summary>
    /// A map of numbers as an image has it: whole numbers up to 255 as 8 bits, up to 65535 as 16, and numbers from 0 to 1 as 16 bits of
    /// that range.
    /// </summary>
    /// <exception cref="ImageReadException">The values are neither.</exception>
    public static PixelImage ToPixels(ReadOnlySpan<float> values, int height, int width, string path, string what = "an array")
    {
        (bool whole, float least, float most) = (true, values[0], values[0]);
        foreach (float value in values)
        {
            whole &= value == MathF.Round(value);
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        if (least < 0 || most > (whole ? ushort.MaxValue : 1))
        {
            throw new ImageReadException(
                path,
                FormattableString.Invariant($"{what} of values from {least} to {most}"),
                "probabilities from 0 to 1, or whole numbers from 0 to 65535",
                "Apply the sigmoid to logits before they are saved");
        }

        if (whole && most <= byte.MaxValue)
        {
            var bytes = new byte[values.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)values[i];
            }

            return new PixelImage(width, height, 1, bytes);
        }

        var words = new ushort[values.Length];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = whole ? (ushort)values[i] : (ushort)MathF.Round(values[i] * ushort.MaxValue);
        }

        return new PixelImage(width, height, 1, words);
    }

    /// <summary>
    /// A mask whose samples mean other numbers than themselves (signed integers, real numbers) as the numbers that they mean; others
    /// stay what they are.
    /// </summary>
    /// <exception cref="ImageReadException">The numbers are those of no mask.</exception>
    public static PixelImage Meant(PixelImage mask, string path)
    {
        bool shares = mask.Offset == 0 && mask.Scale * mask.Maximum == 1;
        if (mask.Channels != 1 || mask.BitDepth == 8 || shares || (mask.Offset == 0 && mask.Scale == 1))
        {
            return mask;
        }

        // A number that was spread over 16 bits comes back with the error of one step.
        double step = mask.Scale == 1 ? 0 : Math.Min(mask.Scale, 1e-3);
        var values = new float[mask.Words.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double value = (mask.Words[i] * mask.Scale) + mask.Offset;
            values[i] = (float)(Math.Abs(value - Math.Round(value)) <= step ? Math.Round(value) : value);
        }

        return ToPixels(values, mask.Height, mask.Width, path, "a mask");
    }

    /// <summary>What the reader is told of a mask: which file's numbers are wanted is a matter of the label.</summary>
    public static ImageReadOptions ReadOptions(LabelSource source, FolderDatasetOptions options)
    {
        ImageReadOptions defaults = options.Reader is ImageReader own ? own.Defaults : ImageReadOptions.Default;
        bool numbers = source is { Values.Count: > 0, AreColors: false }
            || (source.Values.Count == 0
                && (source.Reading == MaskReading.NonZero || (options.Ignored.Count > 0 && source.Reading != MaskReading.Alpha)));
        return defaults with { PaletteIndices = numbers, KeepAlpha = true };
    }
}
