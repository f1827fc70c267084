#:property PublishAot=false

// Builds the documentation site into artifacts/site with docfx: what lies below docs, the pages at the repository's root, a page
// for each sample with its code, and the reference of every public member. A dead link or any other warning fails the build.
//
// docfx reads one folder, while the documents link to samples and files around them, as a reader on a source host expects. So
// the documents are copied to artifacts/site-source first, and links that lead out of docs are turned to the pages made here.

using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

string source = Path.GetFullPath(Path.Combine("artifacts", "site-source"));
string root = Directory.GetCurrentDirectory();
if (Directory.Exists(source))
{
    Directory.Delete(source, recursive: true);
}

foreach (string file in Directory.EnumerateFiles("docs", "*", SearchOption.AllDirectories))
{
    Put(file, Path.GetRelativePath("docs", file));
}

foreach (string page in (string[])["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
{
    Put(page, page);
}

Write("licence.md", $"# Licence\n\n```text\n{File.ReadAllText("LICENSE")}\n```\n");
StringBuilder samples = new("# Samples\n\nEach sample is one thing that an application does, small enough to read in a few minutes.\n\n");
StringBuilder toc = new("- name: All samples\n  href: index.md\n");
foreach (string folder in Directory.GetDirectories("samples").Order(StringComparer.Ordinal))
{
    string name = Path.GetFileName(folder);
    string page = SamplePage(folder, name, out string what);
    Write(Path.Combine("samples", $"{name}.md"), page);
    samples.Append($"- [{name}]({name}.md): {what}\n");
    toc.Append($"- name: {name}\n  href: {name}.md\n");
}

Write(Path.Combine("samples", "index.md"), samples.ToString());
Write(Path.Combine("samples", "toc.yml"), toc.ToString());
return Run("dotnet", "docfx", Path.Combine(source, "docfx.json"), "--warningsAsErrors");

void Put(string from, string to)
{
    if (!from.EndsWith(".md", StringComparison.Ordinal))
    {
        string target = Path.Combine(source, to);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(from, target);
        return;
    }

    string folder = Path.GetDirectoryName(Path.GetFullPath(from))!;
    string depth = string.Concat(Enumerable.Repeat("../", to.Count(c => c is '/' or '\\')));
    Write(to, Regex.Replace(File.ReadAllText(from), @"\]\((?!https?://|#|mailto:)([^)\s#]+)(#[^)\s]*)?\)", match =>
    {
        string target = Path.GetFullPath(Path.Combine(folder, match.Groups[1].Value));
        string inside = Path.GetRelativePath(root, target).Replace('\\', '/');
        string[] parts = inside.Split('/');
        string? replaced = parts switch
        {
            ["docs", ..] when !from.StartsWith("docs", StringComparison.Ordinal) => depth + inside["docs/".Length..],
            ["samples", var name, ..] => $"{depth}samples/{name}.md",
            ["README.md"] => $"{depth}index.md",
            ["LICENSE"] => $"{depth}licence.md",
            ["CHANGELOG.md" or "CONTRIBUTING.md" or "SECURITY.md"] => depth + inside,
            _ => null,
        };
        return replaced is null ? match.Value : $"]({replaced}{match.Groups[2].Value})";
    }));
}

void Write(string to, string text)
{
    string target = Path.Combine(source, to);
    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
    File.WriteAllText(target, text);
}

static string SamplePage(string folder, string name, out string what)
{
    StringBuilder page = new($"# {name}\n\n");
    string[] code =
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => path.Replace('\\', '/'))
            .Where(path => Path.GetExtension(path) is ".cs" or ".sh" or ".yaml" or ".yml" or ".csproj"
                || Path.GetFileName(path) == "Dockerfile")
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "runs"))
            .OrderBy(path => Path.GetFileName(path) == "Program.cs" ? 0 : path.EndsWith(".csproj", StringComparison.Ordinal) ? 2 : 1)
            .ThenBy(path => path, StringComparer.Ordinal),
    ];

    // What a sample is about stands in the comment that its program begins with.
    string? program = code.FirstOrDefault(path => Path.GetFileName(path) == "Program.cs");
    string[] comment = program is null
        ? []
        :
        [
            .. File.ReadLines(program)
                .SkipWhile(line => !line.StartsWith("//", StringComparison.Ordinal))
                .TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal))
                .Select(line => line.TrimStart('/').Trim()),
        ];
    what = comment.Length > 0 ? Regex.Match(string.Join(' ', comment), @"^.*?[.:](?=\s|$)").Value.TrimEnd(':') : name;
    page.Append(string.Join('\n', comment)).Append($"\n\nIt lies in `samples/{name}`. Run it from the root of the repository:\n\n");
    if (program is not null)
    {
        page.Append($"```bash\ndotnet run --project samples/{name} -c Release\n```\n\n");
    }

    foreach (string path in code)
    {
        string language = Path.GetExtension(path) switch
        {
            ".cs" => "csharp",
            ".csproj" => "xml",
            ".sh" => "bash",
            ".yaml" or ".yml" => "yaml",
            _ => "dockerfile",
        };
        page.Append($"## {Path.GetRelativePath(folder, path).Replace('\\', '/')}\n\n```{language}\n{File.ReadAllText(path).TrimEnd()}\n```\n\n");
    }

    return page.ToString();
}

static int Run(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
    process.WaitForExit();
    return process.ExitCode;
}
