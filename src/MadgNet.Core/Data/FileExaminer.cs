using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>Looks at the files of one sample more closely than loading does.</summary>
internal static class FileExaminer
{
    public static SampleExamination Examine(SampleFiles files, FolderDatasetOptions options)
    {
        var findings = new List<Finding>();
        var shares = new List<double>();
        PixelImage? image = Read(files.Image, options.Reader, null, findings);
        foreach (string path in files.Masks)
        {
            if (options.Labels.FirstOrDefault(label => label.Owns(path)) is not { } source)
            {
                findings.Add(new Finding(FindingKind.UnknownLabel, FindingSeverity.Error, MaskReader.Stray(path, options)));
                continue;
            }

            if (Read(path, options.Reader, MaskReader.ReadOptions(source), findings) is not { } mask)
            {
                continue;
            }

            if (image is not null && (mask.Width, mask.Height) != (image.Width, image.Height))
            {
                findings.Add(Sizes(path, image, mask));
            }

            findings.AddRange(source.Values.Count > 0 ? LabelImage(path, mask, source, options) : Binary(path, mask, shares));
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
            image?.Channels ?? 0,
            shares.Count > 0 ? shares.Max() : null,
            gray is null ? null : SampleExamination.Shrink(gray),
            gray is null ? null : SampleExamination.Shrink(SampleExamination.WithoutMargins(gray)));
    }

    private static PixelImage? Read(string path, IImageReader reader, ImageReadOptions? options, List<Finding> findings)
    {
        try
        {
            return reader.Read(path, options);
        }
        catch (ImageReadException error)
        {
            findings.Add(new Finding(FindingKind.Unreadable, FindingSeverity.Error, error.Problem));
            return null;
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

    private static IEnumerable<Finding> Binary(string path, PixelImage mask, List<double> shares)
    {
        PixelImage gray = mask.ToGray();
        SortedDictionary<int, int> values = MaskReader.Histogram(gray, false);
        int count = gray.Width * gray.Height;
        FloatImage plane = MaskReader.BinaryPlane(gray);
        int foreground = 0;
        foreach (float value in plane.Data)
        {
            foreground += value >= 0.5f ? 1 : 0;
        }

        shares.Add((double)foreground / count);
        bool twoValued = values.Count <= 2 && (values.Count == 1 || values.ContainsKey(0));
        if (!twoValued)
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
