using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>Looks at the files of one sample more closely than loading does.</summary>
internal static class FileExaminer
{
    public static SampleExamination Examine(SampleFiles files, FolderDatasetOptions options)
    {
        var findings = new List<Finding>();
        var shares = new List<double>();
        FloatImage? several = null;
        PixelImage? image = Read(
            () =>
            {
                several = options.Input is { ReadsSeveral: true } ? options.ReadImage(files) : null;
                return several is null ? options.Reader.ReadGuarded(files.Image) : Preview(several);
            },
            findings);
        if (several?.OutOfRange() is { } range)
        {
            findings.Add(new Finding(
                FindingKind.ValuesOutOfRange,
                FindingSeverity.Error,
                new Problem(
                    files.Image,
                    float.IsNaN(range.Low) ? "values that are no numbers" : FormattableString.Invariant($"values from {range.Low} to {range.High}"),
                    "values 0..1 after scaling",
                    "Give the channel a window (ModelInput.Windows), or IntensityScaling.MinMax")));
        }

        if (image is not null && several is null)
        {
            findings.AddRange(Pages(files.Image, image).Concat(Depth(files.Image, image, options)));
        }

        foreach (string path in files.Masks)
        {
            if (options.Labels.FirstOrDefault(label => label.Owns(path)) is not { } source)
            {
                findings.Add(new Finding(FindingKind.UnknownLabel, FindingSeverity.Error, MaskReader.Stray(path, options)));
                continue;
            }

            int label = Array.IndexOf([.. options.Labels], source);
            if (Read(() => MaskFile.Read(path, label, options.Labels.Count, source, options), findings) is not { } mask)
            {
                continue;
            }

            findings.AddRange(Pages(path, mask));

            if (image is not null && (mask.Width, mask.Height) != (image.Width, image.Height))
            {
                findings.Add(Sizes(path, image, mask));
            }

            findings.AddRange(source.Values.Count > 0
                ? LabelImage(path, mask, source, options)
                : Binary(path, mask, source, options, shares));
        }

        findings.AddRange(options.Labels.Where(label => !files.Masks.Any(label.Owns)).Select(label => new Finding(
            FindingKind.MissingMask,
            FindingSeverity.Warning,
            new Problem(
                files.Image,
                $"no mask of the label '{label.Name}'",
                "a mask for each label",
                "Check that the object is absent: the label is taken as empty"))));
        FloatImage? gray = image?.ToFloat(ImageChannels.Gray);
        return new SampleExamination(
            findings,
            image?.Height ?? 0,
            image?.Width ?? 0,
            several?.Channels ?? image?.Channels ?? 0,
            shares.Count > 0 ? shares.Max() : null,
            gray is null ? null : SampleExamination.Shrink(gray),
            gray is null ? null : SampleExamination.Shrink(SampleExamination.WithoutMargins(gray)));
    }

    /// <summary>The first channel of several, to compare images by.</summary>
    private static PixelImage Preview(FloatImage image) => new(
        image.Width,
        image.Height,
        1,
        [.. image.Plane(0).ToArray().Select(value => (byte)Math.Clamp(MathF.Round((float.IsNaN(value) ? 0 : value) * 255), 0, 255))]);

    /// <summary>What is wrong with the masks of a sample, without a look at its image.</summary>
    public static IReadOnlyList<Finding> ExamineMasks(SampleFiles files, FolderDatasetOptions options)
    {
        var findings = new List<Finding>();
        foreach (string path in files.Masks)
        {
            if (options.Labels.FirstOrDefault(label => label.Owns(path)) is not { } source)
            {
                findings.Add(new Finding(FindingKind.UnknownLabel, FindingSeverity.Error, MaskReader.Stray(path, options)));
                continue;
            }

            int label = Array.IndexOf([.. options.Labels], source);
            if (Read(() => MaskFile.Read(path, label, options.Labels.Count, source, options), findings) is { } mask)
            {
                findings.AddRange(Pages(path, mask));
                findings.AddRange(
                    source.Values.Count > 0 ? LabelImage(path, mask, source, options) : Binary(path, mask, source, options, []));
            }
        }

        return findings;
    }

    private static PixelImage? Read(Func<PixelImage> read, List<Finding> findings)
    {
        try
        {
            return read();
        }
        catch (ImageReadException error)
        {
            findings.Add(new Finding(FindingKind.Unreadable, FindingSeverity.Error, error.Problem));
        }
        catch (DatasetException error)
        {
            findings.AddRange(error.Problems.Select(problem => new Finding(FindingKind.Unreadable, FindingSeverity.Error, problem)));
        }

        return null;
    }

    private static IEnumerable<Finding> Pages(string path, PixelImage image) => image.Pages <= 1
        ? []
        : [new Finding(
            FindingKind.OtherPages,
            FindingSeverity.Warning,
            new Problem(
                path,
                $"a file of {image.Pages} pages, of which one is read",
                "one image in a file",
                "Divide a stack into files, or choose the page with ImageReadOptions.Page"))];

    /// <summary>
    /// Cameras and scanners of 10, 12 or 14 bits store their values in 16 and leave the highest bits empty: read as 16 bits the image is
    /// nearly black.
    /// </summary>
    private static IEnumerable<Finding> Depth(string path, PixelImage image, FolderDatasetOptions options)
    {
        if (image.BitDepth != 16 || image.Offset != 0 || options.Window is not null || options.Input is { Windows.Count: > 0 })
        {
            yield break;
        }

        int most = 0;
        foreach (ushort value in image.Words)
        {
            most = Math.Max(most, value);
        }

        int bits = Array.Find((int[])[8, 10, 12, 14, 16], bits => most < 1 << bits);
        if (bits < 16)
        {
            yield return new Finding(
                FindingKind.UnusedBitDepth,
                FindingSeverity.Warning,
                new Problem(
                    path,
                    $"16-bit values of at most {most}: data of {bits} bits, which are nearly black in the range of 16",
                    "values that use their range, or a declared one",
                    $"Set Window to IntensityWindow.Range(0, {(1 << bits) - 1}) for all images, or to IntensityWindow.MinMax"));
        }
    }

    private static Finding Sizes(string path, PixelImage image, PixelImage mask)
    {
        bool same = MaskReader.SameAspect(image.Height, image.Width, mask.Height, mask.Width);
        return new Finding(
            same ? FindingKind.SizeMismatch : FindingKind.AspectMismatch,
            same ? FindingSeverity.Note : FindingSeverity.Error,
            new Problem(
                path,
                $"a mask of {mask.Width}×{mask.Height} for an image of {image.Width}×{image.Height}",
                "the image's size",
                same ? "Nothing needs to be done: the mask is resized to its image when it is loaded" : "Check that the two belong "
                    + "together, and resize the mask to its image"));
    }

    private static IEnumerable<Finding> Binary(
        string path, PixelImage mask, LabelSource source, FolderDatasetOptions options, List<double> shares)
    {
        if (source.Reading == MaskReading.Gray && MaskValues.Undeclared(path, mask, options.Ignored) is { } undeclared)
        {
            yield return new Finding(FindingKind.UnknownLabelValue, FindingSeverity.Error, undeclared);
            yield break;
        }

        if (source.Reading == MaskReading.Alpha && mask.Channels != 4)
        {
            yield return new Finding(
                FindingKind.Unreadable,
                FindingSeverity.Error,
                new Problem(path, "a mask without transparency", "one with transparency", "Read its grey: leave Reading out"));
            yield break;
        }

        PixelImage gray = mask.ToGray();
        SortedDictionary<int, int> values = MaskReader.Histogram(gray, false);
        int count = gray.Width * gray.Height;
        FloatImage plane = MaskReader.OwnPlane(mask, path, source.Reading, options);
        int foreground = 0;
        foreach (float value in plane.Data)
        {
            foreground += value >= 0.5f ? 1 : 0;
        }

        shares.Add((double)foreground / count);
        foreach (int value in options.Ignored)
        {
            values.Remove(value);
        }

        bool twoValued = values.Count <= 2 && (values.Count <= 1 || values.ContainsKey(0));
        if (!twoValued && source.Reading == MaskReading.Gray)
        {
            int between = values.Where(value => value.Key != 0 && value.Key != gray.Maximum).Sum(value => value.Value);
            yield return new Finding(
                FindingKind.NotBinary,
                FindingSeverity.Warning,
                new Problem(
                    path,
                    $"{values.Count} values ({MaskReader.Describe(values.Keys, false)}), {100.0 * between / count:0.#} % of the pixels "
                        + $"between black and white",
                    "two values",
                    values.Count <= 16
                        ? "Declare the values as labels if this is a label image; otherwise what reaches half the range counts as "
                            + "foreground"
                        : "Store masks without losses (PNG, not JPEG); what reaches half the range counts as foreground"));
        }

        if (foreground == 0)
        {
            yield return new Finding(
                FindingKind.EmptyMask,
                FindingSeverity.Warning,
                new Problem(
                    path,
                    "a mask without foreground",
                    "some foreground",
                    "Check that it is meant so: an image without the object is legal"));
        }
        else if (foreground == count)
        {
            yield return new Finding(
                FindingKind.FullMask,
                FindingSeverity.Warning,
                new Problem(
                    path, "a mask that is foreground everywhere", "some background", "Check whether the mask is inverted or empty"));
        }
    }

    private static IEnumerable<Finding> LabelImage(string path, PixelImage mask, LabelSource source, FolderDatasetOptions options)
    {
        SortedDictionary<int, int> values = MaskReader.Histogram(source.AreColors ? mask : mask.ToGray(), source.AreColors);
        int[] unknown = [.. values.Keys.Where(value => MaskReader.Declared(value, options) < 0)];
        if (unknown.Length > 0)
        {
            yield return new Finding(
                FindingKind.UnknownLabelValue,
                FindingSeverity.Error,
                new Problem(
                    path,
                    $"the undeclared values {MaskReader.Describe(unknown, source.AreColors)} on {unknown.Sum(value => values[value])} "
                        + $"pixels",
                    $"only {MaskReader.Describe(options.DeclaredValues, source.AreColors)}",
                    "Declare the values in Labels or Background, or set LabelTolerance if the file was stored with losses"));
        }

        if (!values.Keys.Any(value => options.Labels.Any(label => label.Values.Contains(MaskReader.Declared(value, options)))))
        {
            yield return new Finding(
                FindingKind.EmptyMask,
                FindingSeverity.Warning,
                new Problem(
                    path,
                    "a label image without any label",
                    "some foreground",
                    "Check that it is meant so: an image without the object is legal"));
        }
    }
}
