using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using MadgNet.Reports.Charts;
using MadgNet.Reports.Tests.Support;

namespace MadgNet.Reports.Tests;

public sealed partial class HtmlReportTests
{
    [Fact]
    public void Hostile_texts_are_escaped_wherever_they_stand()
    {
        string html = Everything().ToHtml();
        Assert.DoesNotContain("window.broken=1</script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
        // The page's own script, and no other element of that kind.
        Assert.Single(Scripts().Matches(html));
    }

    [Fact]
    public void The_policy_names_the_pages_own_style_and_script_by_their_hashes()
    {
        string html = Everything().ToHtml();
        string script = html.Split("<script>")[1].Split("</script>")[0];
        string style = html.Split("<style>")[1].Split("</style>")[0];
        Assert.Contains($"script-src 'sha256-{Hash(script)}'", html, StringComparison.Ordinal);
        Assert.Contains($"style-src 'sha256-{Hash(style)}'", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        // A policy without 'unsafe-inline' forbids attributes with styles or handlers.
        Assert.DoesNotContain(" style=\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_fetches_nothing()
    {
        string html = Everything().ToHtml();
        Assert.All(Addresses().Matches(html), match => Assert.Matches("^(data:|#section-)", match.Groups[1].Value));
    }

    [Fact]
    public void The_same_content_gives_the_same_bytes() => Assert.Equal(Everything().ToHtml(), Everything().ToHtml());

    [Fact]
    public void A_picture_is_inside_and_keeps_its_pixels()
    {
        var picture = new PixelImage(2, 1, 3, [1, 2, 3, 250, 251, 252]);
        var report = new HtmlReport("picture");
        report.Add("one").AddPicture(picture, "two pixels");
        string encoded = Encoded().Match(report.ToHtml()).Groups[1].Value;
        Assert.Equal(picture.Bytes, new ImageReader().Decode(Convert.FromBase64String(encoded), "picture.png").Bytes);
    }

    [Fact]
    public void A_picture_without_a_caption_is_refused() =>
        Assert.Throws<ArgumentException>(() => new HtmlReport("a").Add("b").AddPicture(new PixelImage(1, 1, 1, [0]), " "));

    [Fact]
    public void A_file_that_cannot_be_written_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsAny<IOException>(() => Everything().Save(Path.Combine(folder.Root, "missing", "a.html")));
        Assert.Empty(folder.Files);
    }

    internal static HtmlReport Everything()
    {
        const string Hostile = Evaluations.Hostile;
        var table = new ReportTable(Hostile, ReportColumn.Text(Hostile), ReportColumn.Number("value"));
        table.Add(Hostile, ReportCell.Number(2)).Add("10", ReportCell.Number(-1)).Add("9", ReportCell.Number(double.NaN)).Add(
            "b", ReportCell.PValue(1e-9));
        var report = new HtmlReport(Hostile, Hostile);
        report.Add(Hostile)
            .AddText(Hostile)
            .AddHeading(Hostile)
            .AddNotice(NoticeKind.Error, Hostile)
            .AddFacts((Hostile, Hostile))
            .AddList(Hostile)
            .AddCode(Hostile)
            .AddTable(table)
            .AddPictures((new PixelImage(4, 4, 1, new byte[16]), Hostile));
        report.Add("Charts")
            .AddChart(new LineChart { XLabel = Hostile, YLabel = Hostile }.Add(Hostile, [1, 2, 3], [1, double.NaN, 2])
                .Add("other", [1, 3], [0, 1]).Mark(2, Hostile), Hostile)
            .AddChart(new ScatterChart { Diagonal = true }.Add(Hostile, [1, 2], [2, 1], [Hostile, Hostile]), Hostile)
            .AddChart(new BarChart { XLabel = Hostile }.Add(Hostile, 0.5, (0.4, 0.6)).Add("none", double.NaN), Hostile)
            .AddChart(new HistogramChart([0.1, 0.2, 0.9], 5) { XLabel = Hostile }, Hostile)
            .AddTable(table, folded: true);
        return report;
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("<script", RegexOptions.IgnoreCase)]
    private static partial Regex Scripts();

    [GeneratedRegex(" (?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Addresses();

    [GeneratedRegex("base64,([^\"]+)\"")]
    private static partial Regex Encoded();
}
