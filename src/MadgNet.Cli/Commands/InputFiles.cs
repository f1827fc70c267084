using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.Commands;

/// <summary>The images that a path means, each with the name of what becomes of it.</summary>
internal static class InputFiles
{
    /// <summary>
    /// A file stands for itself, a folder for the images in it. The name is the path below the folder without its extension;
    /// an image whose name another one has already is told as an error and left out.
    /// </summary>
    public static IReadOnlyList<(string Path, string Name)> Find(string input, bool recursive, CommandOutput output)
    {
        if (File.Exists(input))
        {
            return [(input, Path.GetFileNameWithoutExtension(input))];
        }

        if (!Directory.Exists(input))
        {
            throw new FileNotFoundException(new Problem(
                "--input", $"'{input}', where there is nothing", "an image or a folder of images", "Check the path").ToString());
        }

        IReadOnlyCollection<string> extensions = new ImageReader().Extensions;
        string[] paths = [.. Directory
            .EnumerateFiles(
                input,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = recursive,
                    AttributesToSkip = FileAttributes.Hidden | FileAttributes.System
                })
            .Where(path => extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
        if (paths.Length == 0)
        {
            throw new FileNotFoundException(new Problem(
                "--input",
                $"'{input}', a folder without images",
                $"files of {string.Join(", ", extensions)}",
                recursive ? "Check the path" : "Check the path, or add --recursive for the folders below").ToString());
        }

        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var files = new List<(string Path, string Name)>();
        foreach (string path in paths)
        {
            string name = Path.ChangeExtension(Path.GetRelativePath(input, path), null);
            if (taken.TryAdd(name, path))
            {
                files.Add((path, name));
            }
            else
            {
                output.Error(new Problem(
                    path,
                    $"an image whose results would be called as those of '{taken[name]}'",
                    "images with names that differ before the extension",
                    "Rename one of the two"));
            }
        }

        return files;
    }
}
