using System.CommandLine;

namespace MadgNet.Cli.CommandLine;

/// <summary>Images and masks of a command: each named by its option, or both by one folder that holds them.</summary>
internal static class DataFolders
{
    private static readonly string[] ImageNames = ["images", "image", "imgs", "img"];
    private static readonly string[] MaskNames = ["masks", "mask", "labels", "label", "annotations"];

    /// <summary>The argument for one folder that holds both.</summary>
    public static Argument<DirectoryInfo?> Argument(string description) => new("DIR")
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The two folders, by whatever they were named.</summary>
    /// <param name="folder">The folder that holds both; null where it was not given.</param>
    /// <param name="images">What <c>--images</c> says.</param>
    /// <param name="masks">What <c>--masks</c> says.</param>
    /// <exception cref="UsageException">One of them is missing, or named twice.</exception>
    public static (string Images, string Masks) Of(DirectoryInfo? folder, DirectoryInfo? images, DirectoryInfo? masks)
    {
        if (folder is null)
        {
            return images is not null && masks is not null
                ? (images.ToString(), masks.ToString())
                : throw new UsageException(new Problem(
                    images is null && masks is null ? "--images, --masks" : images is null ? "--images" : "--masks",
                    "no folder",
                    "--images DIR with --masks DIR, or one folder that holds images/ and masks/",
                    "Name the data in one of the two ways"));
        }

        if (images is not null || masks is not null)
        {
            throw new UsageException(new Problem(
                "DIR",
                $"'{folder}' beside {(images is null ? "--masks" : "--images")}",
                "one way to name the data",
                "Leave DIR out, or the options"));
        }

        return (Below(folder.ToString(), ImageNames), Below(folder.ToString(), MaskNames));
    }

    private static string Below(string folder, string[] names) =>
        names.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists)
            ?? throw new UsageException(new Problem(
                "DIR",
                Directory.Exists(folder) ? $"'{folder}', a folder without {names[0]}/" : $"'{folder}', where there is no folder",
                "a folder that holds images/ and masks/",
                "Correct the path, or name the folders with --images and --masks"));
}
