#:property PublishAot=false

// Builds the libraries of this commit twice, from two clones in folders of different names, as a release is built (CI=true),
// and compares what comes out, byte for byte. A user can so check that a package was made from the source that it names.

using System.Diagnostics;
using System.Security.Cryptography;

string scratch = Directory.CreateTempSubdirectory("madgnet-reproducible-").FullName;
try
{
    Dictionary<string, string> first = Build(Path.Combine(scratch, "a"));
    Dictionary<string, string> second = Build(Path.Combine(scratch, "another-folder"));
    string[] different = [.. first.Keys.Union(second.Keys).Where(name => first.GetValueOrDefault(name) != second.GetValueOrDefault(name))];
    foreach (string name in different)
    {
        Console.Error.WriteLine($"{name} differs between two builds of the same commit.");
    }

    Console.WriteLine($"{first.Count} libraries built twice, {different.Length} different.");
    return first.Count > 0 && different.Length == 0 ? 0 : 1;
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

static Dictionary<string, string> Build(string folder)
{
    Run("git", "clone", "--quiet", "--no-hardlinks", ".", folder);
    Dictionary<string, string> hashes = [];
    IEnumerable<string> projects = Directory.GetFiles(Path.Combine(folder, "src"), "*.csproj", SearchOption.AllDirectories)
        .Where(project => !project.Contains($"{Path.DirectorySeparatorChar}content{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    foreach (string project in projects.Order(StringComparer.Ordinal))
    {
        string name = Path.GetFileNameWithoutExtension(project);
        Run(
            "dotnet", "build", project, "-c", "Release", "-v", "q", "-clp:NoSummary",
            "-p:RunAnalyzers=false", "-p:ContinuousIntegrationBuild=true");
        string built = Path.Combine(Path.GetDirectoryName(project)!, "obj", "Release", "net10.0");
        foreach (string library in Directory.EnumerateFiles(built, $"{(name == "MadgNet.Cli" ? "madgnet" : name)}.dll"))
        {
            hashes[Path.GetFileName(library)] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(library)));
        }
    }

    return hashes;
}

static void Run(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        Console.Error.WriteLine(output);
        throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}.");
    }
}
