namespace MadgNet.Core.Benchmarks;

/// <summary>Finds folders of the repository that a bench was built in.</summary>
internal static class Repository
{
    public static string Folder(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, path);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException(
            $"Received {AppContext.BaseDirectory}; expected a folder below one that holds {path}. Run the bench from a checkout of the "
                + $"repository.");
    }
}
