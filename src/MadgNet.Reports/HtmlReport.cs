using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace MadgNet.Reports;

/// <summary>
/// A page that is one file: styles, script, charts and pictures are inside, and nothing is fetched from anywhere. It can be read without
/// script, on a dark or a light ground, and printed; with script its tables can be sorted.
/// </summary>
/// <remarks>
/// A policy within the page lets a browser run the page's own script and nothing else, and load pictures from the page alone. Every text
/// is escaped. The same content gives the same bytes.
/// </remarks>
/// <example>
/// <code>
/// var report = new HtmlReport("Two learning rates");
/// report.Add("Scores").AddTable(table).AddChart(chart, "Dice over the epochs");
/// report.Save("report.html");
/// </code>
/// </example>
public sealed class HtmlReport
{
    private readonly List<ReportSection> _sections = [];

    /// <summary>Creates a page without sections.</summary>
    /// <param name="title">The title.</param>
    /// <param name="subtitle">A line below it; null for none.</param>
    /// <exception cref="ArgumentException">The title is empty.</exception>
    public HtmlReport(string title, string? subtitle = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        Title = title;
        Subtitle = subtitle;
    }

    /// <summary>The title.</summary>
    public string Title { get; }

    /// <summary>The line below the title; null for none.</summary>
    public string? Subtitle { get; }

    /// <summary>The sections, in the order of the page.</summary>
    public IReadOnlyList<ReportSection> Sections => _sections;

    /// <summary>Adds a section at the end of the page.</summary>
    /// <param name="title">The section's heading, which the list of contents shows, too.</param>
    /// <returns>The section, to be filled.</returns>
    /// <exception cref="ArgumentException">The heading is empty.</exception>
    public ReportSection Add(string title)
    {
        var section = new ReportSection(title);
        _sections.Add(section);
        return section;
    }

    /// <summary>The page.</summary>
    /// <returns>A whole HTML document.</returns>
    public string ToHtml()
    {
        string style = Asset("report.css");
        string script = Asset("report.js");
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src '")
            .Append(Hash(style))
            .Append("'; script-src '")
            .Append(Hash(script))
            .Append("'; base-uri 'none'; form-action 'none'\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append("<meta name=\"referrer\" content=\"no-referrer\">\n");
        html.Append("<title>").Append(HtmlText.Encode(Title)).Append("</title>\n");
        // Without an icon of its own a browser asks the server for one.
        html.Append("<link rel=\"icon\" href=\"data:,\">\n<style>").Append(style).Append("</style>\n</head>\n<body>\n");
        html.Append("<header class=\"page\">\n<h1>").Append(HtmlText.Encode(Title)).Append("</h1>\n");
        if (Subtitle is not null)
        {
            html.Append("<p class=\"subtitle\">").Append(HtmlText.Encode(Subtitle)).Append("</p>\n");
        }

        if (_sections.Count > 1)
        {
            html.Append("<nav aria-label=\"Contents\"><ul>\n");
            for (int i = 0; i < _sections.Count; i++)
            {
                html.Append("<li><a href=\"#section-").Append(i + 1).Append("\">");
                html.Append(HtmlText.Encode(_sections[i].Title)).Append("</a></li>\n");
            }

            html.Append("</ul></nav>\n");
        }

        html.Append("</header>\n<main>\n");
        for (int i = 0; i < _sections.Count; i++)
        {
            html.Append("<section id=\"section-").Append(i + 1).Append("\">\n<h2>");
            html.Append(HtmlText.Encode(_sections[i].Title)).Append("</h2>\n");
            _sections[i].AppendTo(html);
            html.Append("</section>\n");
        }

        html.Append("</main>\n<footer class=\"page\">Made by MadgNet.Reports ").Append(Version());
        html.Append(". This file needs no network.</footer>\n");
        return html.Append("<script>").Append(script).Append("</script>\n</body>\n</html>\n").ToString();
    }

    /// <summary>Writes the page; the file appears whole or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        byte[] content = Encoding.UTF8.GetBytes(ToHtml());
        AtomicFile.Write(path, content.Length, stream => stream.Write(content));
    }

    private static string Asset(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource '{name}' is missing from the assembly: it was built wrongly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>What a policy calls a style or script by.</summary>
    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Version()
    {
        var version = typeof(HtmlReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>();
        return HtmlText.Encode(version?.InformationalVersion.Split('+')[0] ?? "");
    }
}
