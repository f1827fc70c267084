using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using MadgNet.Reports.Tests.Support;
using PuppeteerSharp;

namespace MadgNet.Reports.Tests;

/// <summary>
/// The picture of a page that the documentation shows. With <c>MADGNET_WRITE_SCREENSHOTS</c> set to 1 it is made anew in
/// <c>docs/images</c>; otherwise it is made elsewhere, looked at and thrown away.
/// </summary>
public sealed class ScreenshotTests(Chromium browser) : IClassFixture<Chromium>
{
    [Theory]
    [InlineData("report.png", false)]
    [InlineData("report-dark.png", true)]
    public async Task The_documentation_shows_a_page_as_it_is(string name, bool dark)
    {
        using var folder = new TemporaryFolder();
        string committed = Path.Combine(RepositoryFolder.Require(), "docs", "images", name);
        string path = Environment.GetEnvironmentVariable("MADGNET_WRITE_SCREENSHOTS") == "1" ? committed : folder.File(name);
        TestPages.Study("Variant").Save(folder.File("report.html"));
        await using OpenedPage page = await browser.OpenAsync(folder.File("report.html"), width: 1000, dark: dark);
        await page.Page.EvaluateExpressionAsync("document.getElementById('section-3').scrollIntoView()");
        await page.Page.ScreenshotAsync(path, new ScreenshotOptions { Type = ScreenshotType.Png });
        PixelImage picture = new ImageReader().Read(path);
        PixelImage shown = new ImageReader().Read(committed);
        Assert.Equal((1000, 900), (picture.Width, picture.Height));
        Assert.Equal((1000, 900), (shown.Width, shown.Height));
        // Letters differ from machine to machine; the ground and the room that text and charts take hardly do.
        Assert.InRange(Ground(picture, dark), 0.5, 0.98);
        Assert.Equal(Ground(picture, dark), Ground(shown, dark), 0.05);
    }

    /// <summary>How much of a picture is as bright as its ground.</summary>
    private static double Ground(PixelImage picture, bool dark)
    {
        int ground = 0;
        for (int i = 1; i < picture.Bytes.Length; i += picture.Channels)
        {
            ground += (dark ? picture.Bytes[i] < 40 : picture.Bytes[i] > 240) ? 1 : 0;
        }

        return ground / (double)(picture.Width * picture.Height);
    }
}
