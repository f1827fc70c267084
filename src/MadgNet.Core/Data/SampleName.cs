namespace MadgNet.Core.Data;

/// <summary>The spellings of a sample's name that mean one sample.</summary>
internal static class SampleName
{
    /// <summary>
    /// A name as it is compared: forward slashes, without <c>./</c> before it, without the extension of an image, accents composed.
    /// </summary>
    public static string Key(string name) => WithoutExtension(WithExtension(name));

    /// <summary>The same with the extension, where the name has one.</summary>
    public static string WithExtension(string name)
    {
        string key = NameForm.Compose(name.Trim().Replace('\\', '/'));
        while (key.StartsWith("./", StringComparison.Ordinal))
        {
            key = key[2..];
        }

        return key;
    }

    /// <summary>
    /// Whether several names of one <see cref="Key"/> may mean one sample: <c>a</c> and <c>a.png</c> do, <c>a.png</c> and
    /// <c>a.jpg</c> are two files.
    /// </summary>
    public static bool MayBeOne(IReadOnlyCollection<string> names) => names.Count > 1
        && (names.Any(name => WithExtension(name) == Key(name))
            || names.Select(WithExtension).Distinct(StringComparer.Ordinal).Count() < names.Count);

    /// <summary>A name without its folders and its image extension.</summary>
    public static string Stem(string name)
    {
        string key = Key(name);
        return key[(key.LastIndexOf('/') + 1)..];
    }

    private static string WithoutExtension(string name)
    {
        string extension = Path.GetExtension(name).ToLowerInvariant();
        return extension is ".png" or ".jpg" or ".jpeg" or ".bmp" or ".tif" or ".tiff" or ".gif" or ".webp"
            ? name[..^extension.Length]
            : name;
    }
}
