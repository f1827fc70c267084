using PuppeteerSharp;

namespace MadgNet.Reports.Tests.Support;

/// <summary>
/// The machine's own Chromium, without a window. Tests that need it skip where it is missing, and fail where
/// <c>MADGNET_REQUIRE_TOOLS</c> is 1.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Required = "MADGNET_REQUIRE_TOOLS";
    private IBrowser? _browser;

    /// <summary>Starts the browser once for all tests of a class; none where the machine has none.</summary>
    public async ValueTask InitializeAsync()
    {
        if (Find() is { } path)
        {
            _browser = await Puppeteer.LaunchAsync(new LaunchOptions
            {
                ExecutablePath = path,
                Headless = true,
                Timeout = 120_000,
                Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
            });
        }
    }

    /// <summary>Opens a file and notes whatever the page asks the outside for or complains about.</summary>
    internal async Task<OpenedPage> OpenAsync(string path, int width = 1280, bool script = true, bool dark = false)
    {
        if (_browser is null)
        {
            const string Missing = "needs Chromium, which is not there; eng/browser.sh installs it on Debian";
            Assert.False(Environment.GetEnvironmentVariable(Required) == "1", Missing);
            Assert.Skip(Missing);
        }

        IPage page = await _browser.NewPageAsync();
        var opened = new OpenedPage(page, new Uri(path).AbsoluteUri);
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
        await page.SetJavaScriptEnabledAsync(script);
        if (dark)
        {
            await page.EmulateMediaFeaturesAsync(
                [new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = "dark" }]);
        }

        await page.GoToAsync(opened.Address, new NavigationOptions { WaitUntil = [WaitUntilNavigation.Load], Timeout = 60_000 });
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
