using System.Text.RegularExpressions;
using MadgNet.Core.Data;
using MadgNet.Medical.Imaging;

namespace MadgNet.Medical.Data;

/// <summary>What the name of a mask file says: its volume, its label, whether it holds probabilities.</summary>
internal static partial class MaskNames
{
    private const string Probability = ".prob";

    /// <summary>A mask's name without its extension and without what marks probabilities.</summary>
    public static string StemOf(string path)
    {
        string stem = MedicalFormat.StemOf(path);
        return IsProbability(path) ? stem[..^Probability.Length] : stem;
    }

    public static bool IsProbability(string path)
    {
        string stem = MedicalFormat.StemOf(path);
        return stem.Length > Probability.Length && stem.EndsWith(Probability, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a file's name says that it is a mask: it ends as masks do, or with the mark of a label.</summary>
    public static bool IsMask(string path, IReadOnlyList<LabelSource> labels)
    {
        string stem = StemOf(path);
        return MaskSuffix().IsMatch(stem) || MarkerOf(stem, labels) is not null;
    }

    /// <summary>The name of the volume that a mask belongs to: its path below a folder without what marks a label or a mask.</summary>
    public static string CaseOf(string root, string path, IReadOnlyList<LabelSource> labels)
    {
        string name = MedicalFolder.NameOf(root, path);
        name = IsProbability(path) ? name[..^Probability.Length] : name;
        string? marker = MarkerOf(name, labels);
        return MaskSuffix().Replace(marker is null ? name : name[..^marker.Length], "");
    }

    /// <summary>Of a mask and its probabilities the probabilities.</summary>
    public static IReadOnlyList<string> Preferred(IReadOnlyList<string> paths)
    {
        HashSet<string> maps = [.. paths.Where(IsProbability).Select(StemOf)];
        return [.. paths.Where(path => IsProbability(path) || !maps.Contains(StemOf(path)))];
    }

    private static string? MarkerOf(string name, IReadOnlyList<LabelSource> labels) => labels
        .SelectMany(label => label.Markers)
        .Where(mark => name.Length > mark.Length && name.EndsWith(mark, StringComparison.OrdinalIgnoreCase))
        .MaxBy(mark => mark.Length);

    [GeneratedRegex(@"[ _.\-](masks?|segmentations?|seg|gt|ground[ _\-]?truth|labels?|annotations?)$", RegexOptions.IgnoreCase)]
    private static partial Regex MaskSuffix();
}
