using MadgNet.Onnx.Hosting;
using MadgNet.Reports.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PuppeteerSharp;

namespace MadgNet.AspNetCore.Tests.Support;

/// <summary>The service with a small network of nuclei on a port of its own, and a browser that opens its page.</summary>
public sealed class ServedPage : IAsyncLifetime
{
    /// <summary>The largest file that the service takes.</summary>
    public const int MaximumBytes = 4 << 20;

    private readonly Chromium _browser = new();
    private WebApplication? _app;

    /// <summary>Where the page is.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>A client for what the page shows, asked for without the page.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>An image that the network has not seen.</summary>
    public static string Image { get; } = Path.Combine(AppContext.BaseDirectory, "nuclei.png");

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMadgNet("nuclei", Path.Combine(AppContext.BaseDirectory, "nuclei.onnx"));
        builder.Services.AddMadgNetService(options =>
        {
            options.MaximumBytes = MaximumBytes;
            options.ImageFormats.Add(new ScanFormat());
            options.ResultFormats.Add(new CountFormat("nifti", "application/x-nifti", ".nii.gz"));
            options.ResultFormats.Add(new CountFormat("seg", "application/dicom", ".dcm"));
        });
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapMadgNet();
        await _app.StartAsync();
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");
        Client = new HttpClient { BaseAddress = Address };
        await _browser.InitializeAsync();
    }

    /// <summary>Opens the page and waits until a picture can be chosen.</summary>
    internal async Task<OpenedPage> OpenAsync(int width = 1280, bool dark = false)
    {
        OpenedPage page = await _browser.OpenAsync(Address.AbsoluteUri, width, dark: dark);
        await page.Page.WaitForSelectorAsync("#file:enabled");
        return page;
    }

    /// <summary>Opens the page with a picture and waits for its mask.</summary>
    internal async Task<OpenedPage> OpenWithAsync(string image, int width = 1280, bool dark = false)
    {
        OpenedPage page = await OpenAsync(width, dark);
        await ChooseAsync(page, image);
        await page.Page.WaitForFunctionAsync("() => !document.getElementById('work').hidden && document.getElementById('busy').hidden");
        await Drawn(page);
        return page;
    }

    /// <summary>Chooses a file as a person does.</summary>
    internal static async Task ChooseAsync(OpenedPage page, string path) =>
        await (await page.Page.QuerySelectorAsync("#file")).UploadFileAsync(path);

    /// <summary>Waits until what was asked for is on the screen.</summary>
    internal static Task Drawn(OpenedPage page) => page.Page.EvaluateExpressionAsync(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(() => done(1)))))");

    /// <summary>How many pixels of the canvas have more green than red and blue have together by far: those of the mask's colour.</summary>
    internal static Task<int> MaskPixels(OpenedPage page) => page.Page.EvaluateFunctionAsync<int>(
        """
        () => {
          const canvas = document.getElementById("picture");
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
          let count = 0;
          for (let i = 0; i < pixels.length; i += 4) count += pixels[i + 1] > pixels[i] + 20 ? 1 : 0;
          return count;
        }
        """);

    /// <summary>The rows of the table, a text each.</summary>
    internal static Task<string[]> Column(OpenedPage page, int column) => page.Page.EvaluateExpressionAsync<string[]>(
        $"[...document.getElementById('rows').rows].map(row => row.cells[{column}].textContent)");

    internal static Task<string> Text(OpenedPage page, string id) =>
        page.Page.EvaluateExpressionAsync<string>($"document.getElementById('{id}').textContent");

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}
