#:property PublishAot=false

// Builds the packages into artifacts/packages, in place of what lies there, and takes earlier copies of the same
// versions out of NuGet's cache: a restore prefers its cache, where an earlier build of a version would hide this one.

using System.Diagnostics;

string feed = Path.Combine("artifacts", "packages");
foreach (string old in Directory.GetFiles(feed, "*.*nupkg"))
{
    File.Delete(old);
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
