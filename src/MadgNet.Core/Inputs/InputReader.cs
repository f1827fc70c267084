using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inputs;

/// <summary>Reads the file, or the files, of a case as a network expects them.</summary>
internal static class InputReader
{
    /// <summary>NumPy's arrays, whose planes or values become channels.</summary>
    public const string ArrayExtension = ".npy";

    /// <summary>The extensions of files that hold images for a network.</summary>
    public static IEnumerable<string> Extensions(ModelInput? input, IImageReader reader) =>
        input is { ReadsSeveral: true } ? reader.Extensions.Append(ArrayExtension) : reader.Extensions;

    /// <summary>Whether a file is the first of its case; every file is where a case is one file.</summary>
    public static bool IsFirst(string path, ModelInput input) => input.Files.Count == 0 || SuffixOf(path, input) == 0;

    /// <summary>The number of the channel that a file's name says it is; −1 where it says none.</summary>
    public static int SuffixOf(string path, ModelInput input)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        int best = -1;
        for (int i = 0; i < input.Files.Count; i++)
        {
            string suffix = input.Files[i];
            if (stem.Length > suffix.Length
                && stem.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && (best < 0 || suffix.Length > input.Files[best].Length))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>The name of a file's case: the file's without extension, and without what says which channel it is.</summary>
    public static string CaseOf(string path, ModelInput input)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        int suffix = SuffixOf(path, input);
        return suffix < 0 ? stem : stem[..^input.Files[suffix].Length];
    }

    /// <summary>All files of the case that one of its files belongs to, in the order of the channels.</summary>
    /// <exception cref="ImageReadException">The name says no channel, or a file of the case is missing or there twice.</exception>
    public static IReadOnlyList<string> CaseFiles(string path, ModelInput input, IImageReader reader)
    {
        if (input.Files.Count == 0)
        {
            return [path];
        }

        string all = string.Join(", ", input.Files);
        if (SuffixOf(path, input) < 0)
        {
            throw new ImageReadException(
                path,
                "a file whose name does not say which channel it is",
                $"a name that ends in one of {all}",
                "Name any file of the case: the others lie beside it");
        }

        string folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        if (!Directory.Exists(folder))
        {
            throw new ImageReadException(path, "no such folder", $"the files of a case, {all}", "Check the path");
        }

        string name = CaseOf(path, input);
        string[] extensions = [.. Extensions(input, reader)];
        string[] siblings = [.. Directory.EnumerateFiles(folder)
            .Where(file => extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
                && SuffixOf(file, input) >= 0
                && CaseOf(file, input) == name)
            .Order(StringComparer.Ordinal)];
        var files = new string[input.Files.Count];
        for (int i = 0; i < files.Length; i++)
        {
            string[] found = [.. siblings.Where(file => SuffixOf(file, input) == i)];
            files[i] = found.Length == 1
                ? Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileName(found[0]))
                : throw new ImageReadException(
                    path,
                    found.Length == 0
                        ? $"a case without a file '{name}{input.Files[i]}' beside it"
                        : $"{found.Length} files '{name}{input.Files[i]}' ({string.Join(", ", found.Select(Path.GetFileName))})",
                    $"one file for each of {all}",
                    "Restore the file, or leave one of each name");
        }

        return files;
    }

    /// <summary>Reads the files of a case: one, or one a channel.</summary>
    /// <returns>C×H×W with values 0..1.</returns>
    /// <exception cref="ImageReadException">A file cannot be read, or does not have the channels or size that it should.</exception>
    public static FloatImage Read(IReadOnlyList<string> paths, ModelInput input, IImageReader reader)
    {
        if (input.Files.Count > 0)
        {
            if (paths.Count != input.Files.Count)
            {
                throw new ImageReadException(
                    paths.Count > 0 ? paths[0] : "case",
                    $"{paths.Count} files",
                    $"{input.Files.Count}, for {string.Join(", ", input.Files)}",
                    "Name a file for each channel, in this order");
            }

            return Stack(input, [.. paths.Select((path, i) => (path, Planes(path, reader, input, i, 1)[0]))]);
        }

        return input.ReadsPages
            ? Stack(input, [.. Planes(paths[0], reader, input, 0, input.Channels).Select(plane => (paths[0], plane))])
            : input.Prepare(reader.ReadGuarded(paths[0]));
    }

    /// <summary>So many planes of a file, scaled as the channels from a number on are.</summary>
    private static FloatImage[] Planes(string path, IImageReader reader, ModelInput input, int first, int count)
    {
        if (Path.GetExtension(path).Equals(ArrayExtension, StringComparison.OrdinalIgnoreCase)
            && !reader.Extensions.Contains(ArrayExtension, StringComparer.OrdinalIgnoreCase))
        {
            return ArrayPlanes(path, input, first, count);
        }

        if (count == 1)
        {
            return [Scaled(reader.ReadGuarded(path), input, first)];
        }

        var planes = new FloatImage[count];
        for (int page = 0; page < count; page++)
        {
            planes[page] = Scaled(ReadPage(path, reader, page, count), input, first + page);
        }

        if (HasPage(path, reader, count))
        {
            throw new ImageReadException(
                path,
                $"more than {count} pages",
                $"{count}, a page for each channel of the network",
                "Leave the pages of other channels out of the file");
        }

        return planes;
    }

    private static FloatImage[] ArrayPlanes(string path, ModelInput input, int first, int count)
    {
        NpyArray array = NpyFile.Read(path);
        int planes = array.Shape.Count switch
        {
            2 => 1,
            3 => array.Shape[0],
            _ => 0,
        };
        if (planes != count || array.Values.Length == 0)
        {
            throw new ImageReadException(
                path,
                $"an array of the shape ({string.Join(", ", array.Shape)})",
                count == 1 ? "H×W or 1×H×W" : $"{count}×H×W, a plane for each channel of the network",
                "Save the planes of one image, channels first");
        }

        FloatImage image = array.ToImage();
        var result = new FloatImage[count];
        for (int c = 0; c < count; c++)
        {
            result[c] = new FloatImage(1, image.Height, image.Width, image.Plane(c).ToArray());
            Scale(result[c].Data, WindowOf(input, first + c), input.Scaling, array.FullRange);
        }

        return result;
    }

    /// <summary>A page's grey. A page of several colours is no channel.</summary>
    private static FloatImage Scaled(PixelImage image, ModelInput input, int channel) => image.ToFloat(
        ImageChannels.Gray,
        WindowOf(input, channel) is { } window
            ? IntensityWindow.Between(window.Low, window.High)
            : input.Scaling == IntensityScaling.MinMax ? IntensityWindow.MinMax : null);

    private static InputWindow? WindowOf(ModelInput input, int channel) => input.Windows.Count switch
    {
        0 => null,
        1 => input.Windows[0],
        _ => input.Windows[channel],
    };

    /// <summary>Values in their own units to 0..1; floats without a window and a range are 0..1 already.</summary>
    private static void Scale(Span<float> values, InputWindow? window, IntensityScaling scaling, (double Low, double High)? full)
    {
        (double Low, double High)? bounds = window is null ? full : (window.Low, window.High);
        if (window is null && scaling == IntensityScaling.MinMax)
        {
            float low = float.PositiveInfinity;
            float high = float.NegativeInfinity;
            foreach (float value in values)
            {
                low = MathF.Min(low, value);
                high = MathF.Max(high, value);
            }

            bounds = (low, high);
        }

        if (bounds is not { } range)
        {
            return;
        }

        double width = range.High - range.Low;
        for (int i = 0; i < values.Length; i++)
        {
            // NaN stays NaN, for the checks of values to find.
            values[i] = width > 0 ? (float)Math.Clamp((values[i] - range.Low) / width, 0, 1) : float.IsNaN(values[i]) ? values[i] : 0;
        }
    }

    private static PixelImage ReadPage(string path, IImageReader reader, int page, int count)
    {
        try
        {
            // The first page without options, so that the reader's own count.
            return page == 0 ? reader.ReadGuarded(path) : reader.ReadGuarded(path, new ImageReadOptions { Page = page });
        }
        catch (ImageReadException error) when (page > 0)
        {
            throw new ImageReadException(
                path,
                $"no page {page + 1} that can be read ({error.Problem.Received})",
                $"{count} pages of a TIFF, or {count}×H×W in an .npy file: a page or plane for each channel of the network",
                "Pass a file with all channels, or name the files of a case (ModelInput.Files)",
                error);
        }
    }

    private static bool HasPage(string path, IImageReader reader, int page)
    {
        try
        {
            _ = reader.ReadGuarded(path, new ImageReadOptions { Page = page });
            return true;
        }
        catch (ImageReadException)
        {
            return false;
        }
    }

    private static FloatImage Stack(ModelInput input, (string Path, FloatImage Plane)[] planes)
    {
        FloatImage first = planes[0].Plane;
        FloatImage image = FloatImage.Uninitialized(input.Channels, first.Height, first.Width);
        for (int c = 0; c < planes.Length; c++)
        {
            FloatImage plane = planes[c].Plane;
            if ((plane.Height, plane.Width) != (first.Height, first.Width))
            {
                throw new ImageReadException(
                    planes[c].Path,
                    $"channel {c + 1} of {plane.Height}×{plane.Width}",
                    $"{first.Height}×{first.Width}, as the first channel of the case",
                    "Bring the channels of a case onto one grid first (registration)");
            }

            plane.Data.CopyTo(image.Plane(c));
        }

        return image;
    }
}
