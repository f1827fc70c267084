namespace MadgNet.Cli.Tests.Support;

/// <summary>A folder of its own for one test or class, removed with its content.</summary>
public sealed class Workspace : IDisposable
{
    private readonly DirectoryInfo _folder;

    public Workspace() => _folder = Directory.CreateTempSubdirectory("madgnet-cli-tests-");

    /// <summary>A folder at a path of its own, so that it is as long on every machine.</summary>
    public Workspace(string path) => _folder = Directory.CreateDirectory(path);

    public string Root => _folder.FullName;

    /// <summary>The path of something below the folder.</summary>
    public string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Copies the first pairs of nuclei pictures into <c>NAME/images</c> and <c>NAME/masks</c>.</summary>
    public string Pairs(string name, int count, int skip = 0)
    {
        foreach (string kind in new[] { "images", "masks" })
        {
            Directory.CreateDirectory(At(name, kind));
            foreach (string file in Directory.GetFiles(Path.Combine(Tool.Data, kind)).Order(StringComparer.Ordinal).Skip(skip).Take(count))
            {
                File.Copy(file, At(name, kind, Path.GetFileName(file)));
            }
        }

        return At(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
