#:property PublishAot=false

// Builds the packages into artifacts/packages, in place of what lies there, and takes earlier copies of the same
// versions out of NuGet's cache: a restore prefers its cache, where an earlier build of a version would hide this one.
// Before that it writes, for each package, the list of what it is made of (a CycloneDX bill of materials), which the
// package then carries.

using System.Diagnostics;

string feed = Path.Combine("artifacts", "packages");
foreach (string old in Directory.GetFiles(feed, "*.*nupkg"))
{
    File.Delete(old);
}

if (Dotnet(out _, "tool", "restore") is not 0 and int restored)
{
    return restored;
}

foreach (string project in Directory.GetFiles("src", "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    string text = File.ReadAllText(project);
    if (!text.Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal))
    {
        continue;
    }

    string name = Path.GetFileNameWithoutExtension(project);
    // Read from what was restored, without a time or a random number that would differ from build to build.
    if (Dotnet(
            out _, "tool", "run", "dotnet-CycloneDX", "--", project, "--output", Path.Combine("artifacts", "bom"),
            "--filename", $"{name}.cdx.json", "--output-format", "Json", "--no-serial-number", "--disable-package-restore",
            "--exclude-dev", "--set-name", name, "--set-version", Version(), "--set-type", "Library")
        is not 0 and int listedParts)
    {
        return listedParts;
    }
}

if (Dotnet(out _, "pack", "MadgNet.Core.sln", "-c", "Release", "-v", "q", "-clp:NoSummary") is not 0 and int packed)
{
    return packed;
}

string[] packages = Directory.GetFiles(feed, "*.nupkg");
if (packages.Length == 0)
{
    Console.Error.WriteLine("No package was made: no project of MadgNet.Core.sln is packable.");
    return 1;
}

if (Dotnet(out string locals, "nuget", "locals", "global-packages", "--list") is not 0 and int listed)
{
    return listed;
}

string cache = locals[(locals.IndexOf(':') + 1)..].Trim();
foreach (string package in packages)
{
    // NAME.VERSION.nupkg, where the version begins at the first part that is a number.
    string[] parts = Path.GetFileNameWithoutExtension(package).Split('.');
    int first = Array.FindIndex(parts, part => char.IsAsciiDigit(part[0]));
    string cached = Path.Combine(
        cache, string.Join('.', parts[..first]).ToLowerInvariant(), string.Join('.', parts[first..]).ToLowerInvariant());
    if (Directory.Exists(cached))
    {
        Directory.Delete(cached, recursive: true);
    }

    Console.WriteLine(package);
}

return 0;

static string Version() =>
    System.Xml.Linq.XDocument.Load("Directory.Build.props").Descendants("Version").Single().Value;

static int Dotnet(out string output, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
    output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        Console.Error.WriteLine(output);
    }

    return process.ExitCode;
}
