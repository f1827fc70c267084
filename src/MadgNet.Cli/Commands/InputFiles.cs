using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Inference;

namespace MadgNet.Cli.Commands;

/// <summary>The images that a path means, each with the name of what becomes of it.</summary>
internal static class InputFiles
{
    /// <summary>The path that was named in one of two ways.</summary>
    /// <param name="place">The argument.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="UsageException">Neither or both were given.</exception>
    public static string Of(string? place, string? option) => (place, option) switch
    {
        (null, { } input) => input,
        ({ } input, null) => input,
        (null, null) => throw new UsageException(new Problem(
            "--input", "no path", "an image or a folder of images", "Add --input, or the path alone")),
        _ => throw new UsageException(new Problem(
            "--input", $"also '{place}' without an option", "one input", "Leave one of the two out")),
    };

    /// <summary>Refuses a path where there is nothing, before a network is loaded for it.</summary>
    public static void Require(string input)
    {
        if (!Directory.Exists(input) && !File.Exists(input))
        {
            throw new UsageException(new Problem(
                "--input", $"'{input}', where there is nothing", "an image or a folder of images", "Check the path"));
        }
    }

    /// <summary>
    /// A file stands for itself, a folder for the images in it. The name is the path below the folder without its extension. A folder below
    /// that cannot be read is told as an error.
    /// </summary>
    public static IReadOnlyList<(string Path, string Name)> Find(
        string input, bool recursive, SegmentationPredictor predictor, CommandOutput output)
    {
        if (!Directory.Exists(input))
        {
            // Any file of a case stands for it.
            return [(input, predictor.CaseName(input) ?? Path.GetFileNameWithoutExtension(input))];
        }

        IReadOnlyCollection<string> extensions = predictor.FileExtensions;
        var found = FolderFiles.Find(input, recursive, extensions);
        foreach (Problem problem in found.Problems)
        {
            output.Error(problem);
        }

        return found.Paths.Count > 0 || found.Problems.Count > 0
            ? [.. found.Paths
                .Where(path => predictor.CaseName(path) is not null)
                .Select(path => (path, Path.Combine(Path.GetDirectoryName(Path.GetRelativePath(input, path))!, predictor.CaseName(path)!)))]
            : throw new FileNotFoundException(new Problem(
                "--input",
                $"'{input}', a folder without images",
                $"files of {string.Join(", ", extensions)}",
                recursive ? "Check the path" : "Check the path, or add --recursive for the folders below").ToString());
    }
}
