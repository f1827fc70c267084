using System.Text.RegularExpressions;
using MadgNet.Core.Data;

namespace MadgNet.Medical.Data;

/// <summary>Where images and masks lie in a folder of both, by the names of its folders.</summary>
internal static partial class MedicalLayout
{
    /// <summary>The folders of images and masks; one folder twice where nothing but names of files tells them apart.</summary>
    /// <exception cref="DatasetException">Several folders may be that of the masks.</exception>
    public static (string Images, string Masks) Of(string folder)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string[] masks = Named(root, MaskFolder());
        if (masks.Length == 0 && ImageFolder().IsMatch(Path.GetFileName(root)) && Path.GetDirectoryName(root) is { } parent)
        {
            // The folder of images itself was given: its masks lie beside it.
            string[] beside = [.. Named(parent, MaskFolder()).Where(path => SetOf(path) == SetOf(root))];
            return beside is [var own] ? (root, own) : (root, root);
        }

        if (masks.Length == 0)
        {
            return (root, root);
        }

        string[] images = Named(root, ImageFolder());
        (string Images, string Masks)[] pairs = [.. masks
            .Select(mask => (Images: images.Where(image => SetOf(image) == SetOf(mask)).ToArray(), Mask: mask))
            .Where(pair => pair.Images.Length == 1)
            .Select(pair => (pair.Images[0], pair.Mask))];
        return (pairs, masks) switch
        {
            ([var pair], _) => pair,
            (_, [var only]) => (images is [var one] ? one : root, only),
            _ => throw new DatasetException(new Problem(
                root,
                $"{masks.Length} folders of masks ({string.Join(", ", masks.Select(Path.GetFileName))})",
                "one folder of masks beside one of images",
                "Name the folder of images and that of masks")),
        };
    }

    private static string[] Named(string root, Regex name) => [.. Directory.EnumerateDirectories(root)
        .Where(path => name.IsMatch(Path.GetFileName(path)))
        .Order(StringComparer.Ordinal)];

    /// <summary>Training and test set of the medical decathlon lie side by side: imagesTr, labelsTr, imagesTs.</summary>
    private static string SetOf(string path) => Decathlon().Match(Path.GetFileName(path)).Groups[1].Value.ToLowerInvariant();

    [GeneratedRegex(
        @"(^|[ _.\-])(masks?|labels?|annotations?|segmentations?|segs?|ground[ _\-]?truths?|gts?|truths?)(tr|ts)?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex MaskFolder();

    [GeneratedRegex(@"(^|[ _.\-])(images?|imgs?|scans?|series|volumes?|dicom|ct|mr)(tr|ts)?$", RegexOptions.IgnoreCase)]
    private static partial Regex ImageFolder();

    [GeneratedRegex("(tr|ts)$", RegexOptions.IgnoreCase)]
    private static partial Regex Decathlon();
}
