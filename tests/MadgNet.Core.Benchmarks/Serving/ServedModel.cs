using System.Diagnostics;
using System.Net;
using MadgNet.AspNetCore;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MadgNet.Core.Benchmarks.Serving;

/// <summary>The sample's network as a service on a free port of this machine.</summary>
internal sealed class ServedModel : IDisposable
{
    public const long MaximumBytes = 4 << 20;
    public const long MaximumPixels = 1_000_000;

    private readonly WebApplication _app;

    private ServedModel(WebApplication app)
    {
        _app = app;
        Hosted = app.Services.GetRequiredService<HostedPredictor>();
    }

    public HostedPredictor Hosted { get; }

    public Uri Url => new(_app.Urls.First());

    public static ServedModel Start()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddMadgNet("nuclei", Path.Combine(Repository.Folder("samples/OnnxHost"), "nuclei.onnx"), options =>
        {
            options.MaximumConcurrency = 2;
            options.MaximumQueue = 24;
        });
        builder.Services.AddMadgNetService(
            options => (options.MaximumBytes, options.MaximumPixels) = (MaximumBytes, MaximumPixels));
        WebApplication app = builder.Build();
        app.MapMadgNet();
        app.StartAsync().GetAwaiter().GetResult();
        return new ServedModel(app);
    }

    /// <summary>The places that are still taken once every client has gone; waits a while for those who left in the middle.</summary>
    public int Remaining()
    {
        var waited = Stopwatch.StartNew();
        while (Hosted.Running + Hosted.Waiting > 0 && waited.Elapsed < TimeSpan.FromSeconds(30))
        {
            Thread.Sleep(50);
        }

        return Hosted.Running + Hosted.Waiting;
    }

    public void Dispose()
    {
        _app.StopAsync().GetAwaiter().GetResult();
        ((IDisposable)_app).Dispose();
    }
}
