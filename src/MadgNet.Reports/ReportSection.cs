using System.Text;
using MadgNet.Core.Imaging;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports;

/// <summary>One section of an <see cref="HtmlReport"/>: texts, tables, charts and pictures in the order in which they are added.</summary>
public sealed class ReportSection
{
    private readonly StringBuilder _html = new();

    internal ReportSection(string title)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        Title = title;
    }

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>Adds a paragraph.</summary>
    /// <param name="text">Plain text.</param>
    /// <returns>This section.</returns>
    public ReportSection AddText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _html.Append("<p>").Append(HtmlText.Encode(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Adds a smaller heading.</summary>
    /// <param name="text">The heading.</param>
    /// <returns>This section.</returns>
    public ReportSection AddHeading(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        _html.Append("<h3>").Append(HtmlText.Encode(text)).Append("</h3>\n");
        return this;
    }

    /// <summary>Adds a paragraph that stands out.</summary>
    /// <param name="kind">How it is meant, which its colour and its first word say.</param>
    /// <param name="text">Plain text.</param>
    /// <returns>This section.</returns>
    public ReportSection AddNotice(NoticeKind kind, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string style, string word) = kind switch
        {
            NoticeKind.Good => ("good", ""),
            NoticeKind.Warning => ("warning", "Warning: "),
            NoticeKind.Error => ("error", "Error: "),
            _ => ("note", ""),
        };
        _html.Append("<p class=\"notice ").Append(style).Append("\">").Append(word).Append(HtmlText.Encode(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Adds names with their values.</summary>
    /// <param name="facts">The names and values, in order; none adds nothing.</param>
    /// <returns>This section.</returns>
    public ReportSection AddFacts(params IEnumerable<(string Name, string Value)> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        (string Name, string Value)[] all = [.. facts];
        if (all.Length > 0)
        {
            _html.Append("<dl class=\"facts\">\n");
            foreach ((string name, string value) in all)
            {
                _html.Append("<dt>").Append(HtmlText.Encode(name)).Append("</dt><dd>").Append(HtmlText.Encode(value)).Append("</dd>\n");
            }

            _html.Append("</dl>\n");
        }

        return this;
    }

    /// <summary>Adds a list with a point for each text.</summary>
    /// <param name="items">Plain texts; none adds nothing.</param>
    /// <returns>This section.</returns>
    public ReportSection AddList(params IEnumerable<string> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        string[] all = [.. items];
        if (all.Length > 0)
        {
            _html.Append("<ul>\n");
            foreach (string item in all)
            {
                _html.Append("<li>").Append(HtmlText.Encode(item)).Append("</li>\n");
            }

            _html.Append("</ul>\n");
        }

        return this;
    }

    /// <summary>Adds a text that keeps its lines, for example a command.</summary>
    /// <param name="text">The text.</param>
    /// <returns>This section.</returns>
    public ReportSection AddCode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _html.Append("<pre>").Append(HtmlText.Encode(text)).Append("</pre>\n");
        return this;
    }

    /// <summary>Adds a table, which a reader can sort by each column where the browser runs scripts.</summary>
    /// <param name="table">The table; its caption stands above it.</param>
    /// <param name="folded">Whether it is folded away until it is clicked, for long ones; printing unfolds it.</param>
    /// <returns>This section.</returns>
    public ReportSection AddTable(ReportTable table, bool folded = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (folded)
        {
            _html.Append("<details><summary>")
                .Append(HtmlText.Encode(table.Caption ?? "Table"))
                .Append(" (")
                .Append(table.Rows.Count)
                .Append(" rows)</summary>\n");
        }

        _html.Append("<div class=\"scroll\">\n").Append(table.ToHtml()).Append("</div>\n").Append(folded ? "</details>\n" : "");
        return this;
    }

    /// <summary>Adds a chart.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="caption">What it shows, in a sentence.</param>
    /// <returns>This section.</returns>
    /// <exception cref="ArgumentException">There is no caption.</exception>
    public ReportSection AddChart(ReportChart chart, string caption)
    {
        ArgumentNullException.ThrowIfNull(chart);
        ArgumentException.ThrowIfNullOrWhiteSpace(caption);
        _html.Append("<figure>\n")
            .Append(chart.ToSvg(caption))
            .Append("<figcaption>")
            .Append(HtmlText.Encode(caption))
            .Append("</figcaption>\n</figure>\n");
        return this;
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="picture">The picture; it goes into the file as it is, so make it no larger than it has to be.</param>
    /// <param name="caption">What it shows, in a sentence.</param>
    /// <returns>This section.</returns>
    /// <exception cref="ArgumentException">There is no caption.</exception>
    public ReportSection AddPicture(PixelImage picture, string caption)
    {
        AppendPicture(picture, caption);
        return this;
    }

    /// <summary>Adds pictures side by side, as many in a row as the window is wide for.</summary>
    /// <param name="pictures">The pictures, each with a sentence on what it shows; none adds nothing.</param>
    /// <returns>This section.</returns>
    /// <exception cref="ArgumentException">A picture has no caption.</exception>
    public ReportSection AddPictures(params IEnumerable<(PixelImage Picture, string Caption)> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        (PixelImage Picture, string Caption)[] all = [.. pictures];
        if (all.Length > 0)
        {
            _html.Append("<div class=\"pictures\">\n");
            foreach ((PixelImage picture, string caption) in all)
            {
                AppendPicture(picture, caption);
            }

            _html.Append("</div>\n");
        }

        return this;
    }

    internal void AppendTo(StringBuilder page) => page.Append(_html);

    private void AppendPicture(PixelImage picture, string caption)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentException.ThrowIfNullOrWhiteSpace(caption);
        using var png = new MemoryStream();
        ImageWriter.Write(picture, png);
        _html.Append("<figure>\n<img width=\"").Append(picture.Width).Append("\" height=\"").Append(picture.Height).Append("\" alt=\"");
        _html.Append(HtmlText.Encode(caption)).Append("\" src=\"data:image/png;base64,");
        _html.Append(Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length)).Append("\">\n<figcaption>");
        _html.Append(HtmlText.Encode(caption)).Append("</figcaption>\n</figure>\n");
    }
}
