namespace MadgNet.Core.Tests.Docs;

/// <summary>The documents of the repository, as paths relative to its root with '/' between the parts.</summary>
internal static class DocumentFiles
{
    /// <summary>Documents whose C# is compiled and run: README.md, docs, and the READMEs of the packages.</summary>
    public static IReadOnlyList<string> WithCode(string root) =>
    [
        "README.md",
        .. Below(root, "docs"),
        .. PackageReadmes(root),
    ];

    /// <summary>The READMEs that packages carry: a reader sees them without the repository around them.</summary>
    public static IReadOnlyList<string> PackageReadmes(string root) =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(root, "src"))
            .Select(folder => Path.Combine(folder, "README.md"))
            .Where(File.Exists)
            .Select(path => Relative(root, path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Every document that a person reads on the way: those with code, the pages at the root, and the samples' own.</summary>
    public static IReadOnlyList<string> All(string root) =>
    [
        .. WithCode(root),
        .. Directory.EnumerateFiles(root, "*.md").Select(path => Relative(root, path)).Where(path => path != "README.md"),
        .. Below(root, "samples"),
    ];

    private static IEnumerable<string> Below(string root, string folder) =>
        Directory.EnumerateFiles(Path.Combine(root, folder), "*.md", SearchOption.AllDirectories)
            .Select(path => Relative(root, path))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "runs"))
            .Order(StringComparer.Ordinal);

    private static string Relative(string root, string path) => Path.GetRelativePath(root, path).Replace('\\', '/');
}
