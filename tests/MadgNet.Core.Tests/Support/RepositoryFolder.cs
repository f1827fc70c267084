namespace MadgNet.Core.Tests.Support;

/// <summary>The checkout that the tests were built in.</summary>
internal static class RepositoryFolder
{
    /// <summary>Its root; null where the tests run outside of it.</summary>
    public static string? Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "MadgNet.Core.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder;
    }

    /// <summary>Its root; the test is skipped where there is none.</summary>
    public static string Require()
    {
        Assert.SkipWhen(Find() is null, "needs the repository's folder, and the tests run outside it");
        return Find()!;
    }
}
