using MadgNet.Core.Tests.Support;
using MadgNet.Reports.Tests.Support;
using PuppeteerSharp;

namespace MadgNet.Reports.Tests;

/// <summary>Every kind of page in a real browser.</summary>
public sealed class BrowserTests(Chromium browser) : IClassFixture<Chromium>
{
    public static TheoryData<string> Kinds => ["everything", "training", "evaluation", "comparison", "doctor", "study"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Pages_open_without_errors_and_without_outside_requests(string kind)
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await browser.OpenAsync(Write(kind, folder));
        await page.Page.EvaluateExpressionAsync("document.querySelectorAll('th button').forEach(button => button.click())");
        Assert.Empty(page.Errors);
        Assert.Empty(page.Requests);
        Assert.False(await page.Page.EvaluateExpressionAsync<bool>("'broken' in window"), "a text was run");
        Assert.True(
            await page.Page.EvaluateExpressionAsync<bool>("[...document.images].every(image => image.complete && image.naturalWidth > 0)"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_is_wider_than_a_phone(string kind)
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await browser.OpenAsync(Write(kind, folder), width: 360);
        Assert.InRange(await page.Page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth"), 1, 360);
    }

    [Fact]
    public async Task A_table_is_sorted_by_its_exact_numbers_both_ways_with_undefined_values_last()
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await browser.OpenAsync(Write("everything", folder));
        const string Column = "[...document.querySelector('table.report').tBodies[0].rows].map(row => row.cells[1].textContent)";
        const string Click = "document.querySelectorAll('table.report th button')[1].click()";
        await page.Page.EvaluateExpressionAsync(Click);
        Assert.Equal(["-1.0000", "< 0.0001", "2.0000", "–"], await page.Page.EvaluateExpressionAsync<string[]>(Column));
        await page.Page.EvaluateExpressionAsync(Click);
        Assert.Equal(["2.0000", "< 0.0001", "-1.0000", "–"], await page.Page.EvaluateExpressionAsync<string[]>(Column));
        Assert.Equal(
            "descending", await page.Page.EvaluateExpressionAsync<string>("document.querySelectorAll('table.report th')[1].ariaSort"));
    }

    [Fact]
    public async Task The_page_reads_without_script()
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await browser.OpenAsync(Write("evaluation", folder), script: false);
        // The text comes through the browser's own tree: scripts of the page do not run.
        string text = await (await page.Page.QuerySelectorAsync("body")).EvaluateFunctionAsync<string>("body => body.innerText");
        Assert.Contains("Brier score", text, StringComparison.Ordinal);
        Assert.Equal(0, await page.Page.EvaluateExpressionAsync<int>("document.querySelectorAll('th button').length"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task The_ground_is_dark_where_the_reader_wants_it_dark()
    {
        using var folder = new TemporaryFolder();
        string path = Write("evaluation", folder);
        const string Ground = "getComputedStyle(document.body).backgroundColor";
        await using OpenedPage light = await browser.OpenAsync(path);
        Assert.Equal("rgb(255, 255, 255)", await light.Page.EvaluateExpressionAsync<string>(Ground));
        await using OpenedPage dark = await browser.OpenAsync(path, dark: true);
        Assert.Equal("rgb(13, 17, 23)", await dark.Page.EvaluateExpressionAsync<string>(Ground));
    }

    [Fact]
    public async Task The_page_prints()
    {
        using var folder = new TemporaryFolder();
        await using OpenedPage page = await browser.OpenAsync(Write("training", folder));
        byte[] pdf = await page.Page.PdfDataAsync(new PdfOptions());
        Assert.Equal("%PDF"u8, pdf.AsSpan(0, 4));
        Assert.Empty(page.Errors);
    }

    private static string Write(string kind, TemporaryFolder folder)
    {
        HtmlReport report = kind switch
        {
            "training" => TestPages.Training(folder.Root),
            "evaluation" => TestPages.Evaluation(),
            "comparison" => TestPages.Comparison(),
            "doctor" => TestPages.Doctor(),
            "study" => TestPages.Study(Evaluations.Hostile),
            _ => HtmlReportTests.Everything(),
        };
        string path = folder.File("report.html");
        report.Save(path);
        return path;
    }
}
