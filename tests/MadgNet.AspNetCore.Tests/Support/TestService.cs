using System.Net.Http.Headers;
using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MadgNet.AspNetCore.Tests.Support;

/// <summary>A service on a free port of this machine, and a client of it.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private TestService(WebApplication app)
    {
        App = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public HostedPredictor Hosted => App.Services.GetRequiredService<HostedPredictor>();

    public static string Model => Path.Combine(AppContext.BaseDirectory, "nuclei.onnx");

    /// <summary>A service of a predictor.</summary>
    public static Task<TestService> StartAsync(
        IImagePredictor predictor,
        Action<MadgNetServiceOptions>? service = null,
        Action<HostedPredictorOptions>? limits = null,
        string pattern = "/segment",
        ILoggerProvider? log = null) => StartAsync(
            services => services.AddMadgNetPredictor("test", _ => predictor, limits),
            service,
            pattern,
            log);

    /// <summary>A service of whatever is registered.</summary>
    public static async Task<TestService> StartAsync(
        Action<IServiceCollection> register,
        Action<MadgNetServiceOptions>? service = null,
        string pattern = "/segment",
        ILoggerProvider? log = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddMetrics();
        if (log is not null)
        {
            builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        }

        register(builder.Services);
        builder.Services.AddMadgNetService(service);
        WebApplication app = builder.Build();
        app.MapMadgNet(pattern);
        await app.StartAsync();
        return new TestService(app);
    }

    /// <summary>Sends an image, by default as PNG.</summary>
    public async Task<HttpResponseMessage> PostAsync(
        byte[] image, string query = "", string? type = "image/png", string? accept = null, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/segment" + query) { Content = new ByteArrayContent(image) };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return await Client.SendAsync(request, cancellation);
    }

    /// <summary>Sends an image and reads the answer's JSON, whatever its status.</summary>
    public async Task<(int Status, JsonElement Json)> AskAsync(byte[] image, string query = "", string? type = "image/png")
    {
        using HttpResponseMessage answer = await PostAsync(image, query, type);
        return ((int)answer.StatusCode, await JsonOf(answer));
    }

    public static async Task<JsonElement> JsonOf(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync()).RootElement.Clone();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }

    /// <summary>A grey picture with two bright rectangles, one of which has a hole.</summary>
    public static PixelImage Picture(int width = 24, int height = 16)
    {
        var bytes = new byte[width * height];
        Fill(2, 3, 6, 5, 200);
        Fill(4, 5, 2, 1, 10);
        Fill(12, 8, 4, 4, 150);
        return new PixelImage(width, height, 1, bytes);

        void Fill(int left, int top, int across, int down, byte value)
        {
            for (int y = top; y < top + down; y++)
            {
                bytes.AsSpan((y * width) + left, across).Fill(value);
            }
        }
    }

    public static byte[] Png(PixelImage image)
    {
        using var stream = new MemoryStream();
        ImageWriter.Write(image, stream);
        return stream.ToArray();
    }
}
