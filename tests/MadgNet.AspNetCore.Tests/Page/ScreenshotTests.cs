using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using MadgNet.Reports.Tests.Support;
using PuppeteerSharp;

namespace MadgNet.AspNetCore.Tests.Page;

/// <summary>
/// The pictures of the page that the documentation shows. With <c>MADGNET_WRITE_SCREENSHOTS</c> set to 1 they are made anew in
/// <c>docs/images</c>; otherwise they are made elsewhere, looked at and thrown away.
/// </summary>
public sealed class ScreenshotTests(ServedPage served) : IClassFixture<ServedPage>
{
    [Theory]
    [InlineData("serve.png", 1280, false)]
    [InlineData("serve-phone.png", 375, true)]
    public async Task The_documentation_shows_the_page_as_it_is(string name, int width, bool dark)
    {
        using var folder = new TemporaryFolder();
        string committed = Path.Combine(RepositoryFolder.Require(), "docs", "images", name);
        bool write = Environment.GetEnvironmentVariable("MADGNET_WRITE_SCREENSHOTS") == "1";
        string path = write ? committed : folder.File(name);
        await using OpenedPage page = await served.OpenWithAsync(ServedPage.Image, width, dark);
        await page.Page.EvaluateFunctionAsync(
            "() => { const slider = document.getElementById('compare'); slider.value = 30; slider.dispatchEvent(new Event('input')); }");
        await page.Page.EvaluateExpressionAsync("document.activeElement.blur()");
        await ServedPage.Drawn(page);
        await page.Page.ScreenshotAsync(path, new ScreenshotOptions { Type = ScreenshotType.Png });
        PixelImage picture = new ImageReader().Read(path);
        Assert.Equal((width, 900), (picture.Width, picture.Height));
        Assert.InRange(Share(picture, dark), 0.1, 0.9);
        PixelImage shown = new ImageReader().Read(committed);
        Assert.Equal((picture.Width, picture.Height), (shown.Width, shown.Height));
        // Letters and sliders differ from machine to machine; the ground, the picture and its place do not.
        Assert.Equal(Share(picture, dark), Share(shown, dark), 0.05);
    }

    /// <summary>How much of a picture is as bright as its ground.</summary>
    private static double Share(PixelImage picture, bool dark)
    {
        int ground = 0;
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                ground += (dark ? picture[x, y, 1] < 40 : picture[x, y, 1] > 240) ? 1 : 0;
            }
        }

        return ground / (double)(picture.Width * picture.Height);
    }
}
