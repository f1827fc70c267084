namespace MadgNet.Core.Tests.Support;

/// <summary>Material that is not part of the repository and lies beside it where it is available: <c>../shared</c>.</summary>
internal static class SharedFolder
{
    /// <summary>The path of a file or folder below <c>../shared</c>; skips the test, visibly, where it is absent.</summary>
    public static string Require(string relative)
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!File.Exists(Path.Combine(folder, "MadgNet.Core.sln")))
            {
                continue;
            }

            string path = Path.GetFullPath(Path.Combine(folder, "..", "shared", relative));
            if (!Path.Exists(path))
            {
                Assert.Skip($"needs ../shared/{relative}, which is not there");
            }

            return path;
        }

        Assert.Skip("needs the repository's folder, and the tests run outside it");
        return "";
    }
}
