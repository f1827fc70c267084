#:property PublishAot=false

// Looks into the packages of artifacts/packages as a user would who opens one: is everything there that a package of this
// repository promises, and nothing that it must not carry? Prints a line for each finding and ends with 1 where there is one.

using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;

string feed = Path.Combine("artifacts", "packages");
string[] packages = [.. Directory.GetFiles(feed, "*.nupkg").Order(StringComparer.Ordinal)];
List<string> findings = packages.Length == 0 ? [$"{feed} holds no package: run './build.sh pack' first."] : [];
foreach (string path in packages)
{
    using ZipArchive package = ZipFile.OpenRead(path);
    void Find(string finding) => findings.Add($"{Path.GetFileName(path)}: {finding}");

    ZipArchiveEntry specification = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
    using Stream opened = specification.Open();
    XElement metadata = XDocument.Load(opened).Root!.Elements().First();
    string? Value(string name) => metadata.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
    string[] types =
    [
        .. metadata.Descendants()
            .Where(element => element.Name.LocalName == "packageType")
            .Select(element => (string)element.Attribute("name")!),
    ];
    foreach (string name in (string[])["id", "version", "authors", "description", "tags", "license", "readme", "icon", "releaseNotes"])
    {
        if (string.IsNullOrWhiteSpace(Value(name)))
        {
            Find($"the package says no {name}.");
        }
    }

    foreach (string file in (string[])["README.md", "icon.png", "CHANGELOG.md", "bom.cdx.json"])
    {
        if (package.GetEntry(file) is null)
        {
            Find($"{file} is missing.");
        }
    }

    if (package.GetEntry("README.md") is { } readme)
    {
        using var reader = new StreamReader(readme.Open());
        foreach (Match link in Regex.Matches(reader.ReadToEnd(), @"\]\((?!https://|#)([^)]+)\)"))
        {
            Find($"its README links to {link.Groups[1].Value}, which leads nowhere from a package.");
        }
    }

    // An application chooses its libtorch. Only the tool brings one.
    foreach (XElement dependency in metadata.Descendants().Where(element => element.Name.LocalName == "dependency"))
    {
        if (Regex.IsMatch((string)dependency.Attribute("id")!, "^(libtorch|TorchSharp-)", RegexOptions.IgnoreCase))
        {
            Find($"it depends on the backend {(string)dependency.Attribute("id")!}.");
        }
    }

    string[] libraries =
    [
        .. package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal)),
    ];
    foreach (string library in libraries.Where(name => name.EndsWith(".dll", StringComparison.Ordinal)))
    {
        if (!libraries.Contains(Path.ChangeExtension(library, ".xml")))
        {
            Find($"{library} has no documentation beside it.");
        }

        if (!File.Exists(Path.ChangeExtension(path, ".snupkg")))
        {
            Find("there are no symbols (.snupkg) beside the package.");
        }
    }

    Console.WriteLine($"{Path.GetFileName(path)}: {new FileInfo(path).Length / 1024.0 / 1024:F1} MB, {string.Join(", ", types.DefaultIfEmpty("library"))}");
}

foreach (string finding in findings)
{
    Console.Error.WriteLine(finding);
}

return findings.Count == 0 ? 0 : 1;
