using System.Text;

namespace MadgNet.Core.Foundation;

/// <summary>Where a path really leads, also one that is not there yet.</summary>
internal static class OutputPath
{
    /// <summary>More links than that lead nowhere.</summary>
    private const int MostLinks = 40;

    /// <summary>The full path with every link in it followed, as far as it exists; the rest as it was written.</summary>
    public static string Resolve(string path) => Resolve(Path.GetFullPath(path), MostLinks);

    /// <summary>Whether a path is a folder or lies below it, under whatever names both are called.</summary>
    public static bool IsWithin(string path, string folder)
    {
        string root = Path.TrimEndingDirectorySeparator(Resolve(folder));
        FileStatus? wanted = Known(root);
        for (string? current = Path.TrimEndingDirectorySeparator(Resolve(path)); current is not null;
            current = Path.GetDirectoryName(current))
        {
            if (current.Equals(root, Comparison) || (wanted is { } status && Known(current) == status))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether two paths are one file: by name, or because both names lead to the same one.</summary>
    public static bool IsSame(string one, string other) =>
        Resolve(one).Equals(Resolve(other), Comparison) || (Known(one) is { } status && Known(other) == status);

    /// <summary>
    /// What two outputs must not share: some file systems take names that differ in case, or in how an accent is written, for one.
    /// </summary>
    public static string KeyOf(string path)
    {
        string resolved = Resolve(path);
        bool isText = !resolved.AsSpan().ContainsAnyInRange('\ud800', '\udfff');
        return (isText ? resolved.Normalize(NormalizationForm.FormC) : resolved).ToUpperInvariant();
    }

    private static StringComparison Comparison =>
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    private static FileStatus? Known(string path) => FileStatus.Of(path) is { Number: > 0 } status ? status : null;

    private static string Resolve(string full, int links)
    {
        string root = Path.GetPathRoot(full) ?? string.Empty;
        string current = root;
        foreach (string part in full[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(current, part);
            current = links > 0 && Target(next) is { } target ? Resolve(Path.GetFullPath(target, current), links - 1) : next;
        }

        return current;
    }

    private static string? Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What may not be looked at is what its name says.
            return null;
        }
    }
}
