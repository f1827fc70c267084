using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.Commands;

/// <summary>The images that a path means, each with the name of what becomes of it.</summary>
internal static class InputFiles
{
    /// <summary>
    /// A file stands for itself, a folder for the images in it. The name is the path below the folder without its extension. A folder below
    /// that cannot be read is told as an error.
    /// </summary>
    public static IReadOnlyList<(string Path, string Name)> Find(string input, bool recursive, CommandOutput output)
    {
        if (!Directory.Exists(input))
        {
            return File.Exists(input)
                ? [(input, Path.GetFileNameWithoutExtension(input))]
                : throw new FileNotFoundException(new Problem(
                    "--input", $"'{input}', where there is nothing", "an image or a folder of images", "Check the path").ToString());
        }

        IReadOnlyCollection<string> extensions = new ImageReader().Extensions;
        var found = FolderFiles.Find(input, recursive, extensions);
        foreach (Problem problem in found.Problems)
        {
            output.Error(problem);
        }

        return found.Paths.Count > 0 || found.Problems.Count > 0
            ? [.. found.Paths.Select(path => (path, Path.ChangeExtension(Path.GetRelativePath(input, path), null)))]
            : throw new FileNotFoundException(new Problem(
                "--input",
                $"'{input}', a folder without images",
                $"files of {string.Join(", ", extensions)}",
                recursive ? "Check the path" : "Check the path, or add --recursive for the folders below").ToString());
    }
}
