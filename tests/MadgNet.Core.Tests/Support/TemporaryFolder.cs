namespace MadgNet.Core.Tests.Support;

/// <summary>A folder of its own for one test, removed with its content.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("madgnet-tests-");

    /// <summary>Full path of the folder.</summary>
    public string Root => _folder.FullName;

    /// <summary>The names of the files in it, hidden ones too.</summary>
    public IReadOnlyList<string> Files => [.. _folder.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    /// <summary>The path of a file below the folder, whose own folder exists afterwards.</summary>
    public string File(string relative)
    {
        string path = Path.Combine(Root, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string relative, ReadOnlySpan<byte> content)
    {
        string path = File(relative);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
