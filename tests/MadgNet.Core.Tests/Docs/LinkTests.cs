using System.Text.RegularExpressions;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Docs;

/// <summary>Links between documents lead somewhere: to a file that is there, and to a heading that it has.</summary>
public partial class LinkTests
{
    [Fact]
    public void Every_relative_link_leads_to_a_file_and_a_heading()
    {
        string root = Root();
        List<string> dead = [];
        foreach (string document in DocumentFiles.All(root))
        {
            string folder = Path.GetDirectoryName(Path.Combine(root, document))!;
            foreach (string link in Links(File.ReadAllText(Path.Combine(root, document))))
            {
                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0 ? Path.Combine(root, document) : Path.GetFullPath(Path.Combine(folder, parts[0]));
                if (!File.Exists(target) && !Directory.Exists(target))
                {
                    dead.Add($"{document}: {link} leads to no file");
                }
                else if (parts.Length == 2 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target).Contains(parts[1]))
                {
                    dead.Add($"{document}: {link} leads to no heading");
                }
            }
        }

        Assert.Empty(dead);
    }

    [Fact]
    public void A_package_readme_has_no_relative_link()
    {
        string root = Root();
        string[] relative =
        [
            .. from document in DocumentFiles.PackageReadmes(root)
               from link in Links(File.ReadAllText(Path.Combine(root, document)))
               select $"{document}: {link}",
        ];

        Assert.Empty(relative);
    }

    [Fact]
    public void Every_packable_project_has_a_readme_of_its_own()
    {
        string root = Root();
        IEnumerable<string> packable = Directory.EnumerateFiles(Path.Combine(root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => File.ReadAllText(project).Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal))
            .Select(project => Path.GetFileName(Path.GetDirectoryName(project)!));

        Assert.Equal(
            packable.Order(StringComparer.Ordinal),
            DocumentFiles.PackageReadmes(root).Select(path => path.Split('/')[1]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_page_below_docs_stands_in_a_table_of_contents()
    {
        string root = Root();
        string docs = Path.Combine(root, "docs");
        HashSet<string> listed =
        [
            .. Directory.EnumerateFiles(docs, "toc.yml", SearchOption.AllDirectories).SelectMany(toc => File.ReadLines(toc)
                .Select(line => Entry().Match(line))
                .Where(match => match.Success)
                .Select(match => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(toc)!, match.Groups["target"].Value)))),
        ];
        IEnumerable<string> pages = Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories)
            .Where(page => page != Path.Combine(docs, "index.md"));

        Assert.Empty(pages.Where(page => !listed.Contains(page)).Select(page => Path.GetRelativePath(root, page)));
    }

    private static string Root()
    {
        string? root = RepositoryFolder.Find();
        Assert.SkipWhen(root is null, "needs the repository's folder, and the tests run outside it");
        return root!;
    }

    private static IEnumerable<string> Links(string markdown) => Link()
        .Matches(Code().Replace(markdown, string.Empty))
        .Select(match => match.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    // As GitHub and docfx make them: lower case, without punctuation, spaces as hyphens.
    private static HashSet<string> Anchors(string path) =>
    [
        .. Heading().Matches(Code().Replace(File.ReadAllText(path), string.Empty))
            .Select(match => NoAnchor().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-')),
    ];

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\s*```.*?^\s*```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\s*(- )?href: (?<target>\S+\.md)\s*$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();
}
