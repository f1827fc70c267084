using System.IO.Enumeration;

namespace MadgNet.Core.Foundation;

/// <summary>
/// The files of a folder, in the order of their names. Links to folders are followed, every folder is gone through once, and a
/// folder that cannot be read is told instead of being left out.
/// </summary>
public sealed class FolderFiles
{
    private FolderFiles(IReadOnlyList<string> paths, IReadOnlyList<Problem> problems)
    {
        Paths = paths;
        Problems = problems;
    }

    /// <summary>The files, ordinally by path, below the folder as it was named.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The folders that could not be read.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>Looks for files. Names that begin with a dot, and what the system hides, are left out.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Whether the folders below are gone through too.</param>
    /// <param name="extensions">The extensions to look for, with their dots, in any case; null for all files.</param>
    /// <returns>What was found. A pipe or a device of a fitting name is listed: whoever reads it refuses it.</returns>
    public static FolderFiles Find(string folder, bool recursive, IReadOnlyCollection<string>? extensions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var paths = new List<string>();
        var problems = new List<Problem>();
        var visited = new HashSet<object>();
        var folders = new Stack<string>([folder]);
        var links = new Queue<string>();
        while (folders.Count > 0 || links.Count > 0)
        {
            // Real folders first, so that files are known by the names that they have without links.
            string current = folders.Count > 0 ? folders.Pop() : links.Dequeue();
            if (!visited.Add(Identity(current)))
            {
                continue;
            }

            try
            {
                foreach ((string path, bool isFolder, bool isLink) in Entries(current))
                {
                    if (!isFolder)
                    {
                        if (extensions is null || extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                        {
                            paths.Add(path);
                        }
                    }
                    else if (recursive && isLink)
                    {
                        links.Enqueue(path);
                    }
                    else if (recursive)
                    {
                        folders.Push(path);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                problems.Add(new Problem(
                    current,
                    exception is DirectoryNotFoundException ? "no such folder" : $"a folder that cannot be read ({Reason(exception)})",
                    "a readable folder",
                    "Check the path and the permissions"));
            }
        }

        paths.Sort(StringComparer.Ordinal);
        return new FolderFiles(paths, problems);
    }

    private static string Reason(Exception exception) => exception.Message.TrimEnd('.');

    private static List<(string Path, bool IsFolder, bool IsLink)> Entries(string folder)
    {
        var options = new EnumerationOptions
        {
            IgnoreInaccessible = false,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
        };
        return [.. new FileSystemEnumerable<(string Path, bool IsFolder, bool IsLink)>(
            folder,
            (ref FileSystemEntry entry) => (
                entry.ToSpecifiedFullPath(), entry.IsDirectory, entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
            options).OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    private static object Identity(string folder) => FileStatus.Of(folder) is { Number: > 0 } status
        ? (status.Device, status.Number)
        : OutputPath.Resolve(folder);
}
