using MadgNet.AspNetCore.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Onnx;
using MadgNet.Onnx.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MadgNet.AspNetCore.Tests.Hosting;

/// <summary>Networks in a host: registered, loaded, limited, disposed.</summary>
public sealed class HostedPredictorTests
{
    private static readonly PixelImage Image = TestService.Picture();

    [Fact]
    public async Task A_file_is_registered_under_its_name_loaded_at_the_start_and_disposed_with_the_host()
    {
        var log = new KeptLog();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log);
        builder.Services.AddMadgNet("nuclei", TestService.Model, options => options.MaximumConcurrency = 4);
        HostedPredictor hosted;
        using (IHost host = builder.Build())
        {
            hosted = host.Services.GetRequiredKeyedService<HostedPredictor>("nuclei");
            Assert.Same(hosted, host.Services.GetRequiredService<HostedPredictor>());
            Assert.False(hosted.IsReady);
            await host.StartAsync();
            Assert.True(hosted.IsReady);
            Assert.Equal(4, hosted.Options.MaximumConcurrency);
            Prediction found = await hosted.RunAsync((predictor, stop) => predictor.Predict(Image, "region", stop));
            using var alone = OnnxPredictor.Load(TestService.Model);
            Assert.Equal(alone.Predict(Image).Probability.Data.ToArray(), found.Probability.Data.ToArray());
            await host.StopAsync();
        }

        Assert.False(hosted.IsReady);
        Assert.Throws<ObjectDisposedException>(hosted.Enter);
        Assert.Contains(log.Entries, entry => entry.Contains("'nuclei' is loaded", StringComparison.Ordinal));
        Assert.Contains(log.Entries, entry => entry.Contains("'nuclei' is disposed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Several_networks_live_side_by_side_and_the_first_is_there_without_a_key()
    {
        using var one = new BrightnessPredictor();
        using var other = new BrightnessPredictor();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMadgNetPredictor("one", _ => one);
        builder.Services.AddMadgNetPredictor("other", _ => other);
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Same(one, host.Services.GetRequiredService<HostedPredictor>().Predictor);
        Assert.Same(other, host.Services.GetRequiredKeyedService<HostedPredictor>("other").Predictor);
        Assert.Throws<ArgumentException>(() => builder.Services.AddMadgNetPredictor("other", _ => one));
    }

    [Fact]
    public async Task Options_that_are_wrong_end_the_start_with_all_that_is_wrong()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMadgNet("nuclei", TestService.Model, options =>
        {
            options.MaximumConcurrency = 0;
            options.Predictor = options.Predictor with { Threshold = 2 };
        });
        using IHost host = builder.Build();
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(2, exception.Failures.Count());
        Assert.Contains("MaximumConcurrency: received 0", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Predictor.Threshold: received 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_the_start()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMadgNet("nuclei", "no-such-file.onnx");
        using IHost host = builder.Build();
        await Assert.ThrowsAsync<OnnxModelException>(() => host.StartAsync());
    }

    [Fact]
    public async Task No_more_run_at_once_than_may_and_all_get_their_turn()
    {
        using var predictor = new BrightnessPredictor();
        using var hosted = new HostedPredictor(
            "test", new HostedPredictorOptions { MaximumConcurrency = 2, MaximumQueue = 30 }, () => predictor);
        Prediction[] all = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => hosted.RunAsync(Predict)));
        Assert.Equal(32, all.Length);
        Assert.InRange(predictor.Most, 1, 2);
        Assert.Equal((0, 0), (hosted.Running, hosted.Waiting));
    }

    [Fact]
    public async Task One_more_than_may_wait_is_refused_and_its_place_is_not_lost()
    {
        using var hold = new ManualResetEventSlim();
        using var predictor = new BrightnessPredictor { Hold = hold };
        using var hosted = new HostedPredictor("test", new HostedPredictorOptions { MaximumQueue = 1 }, () => predictor);
        Task<Prediction> running = hosted.RunAsync(Predict);
        Task<Prediction> waiting = hosted.RunAsync(Predict);
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<PredictorBusyException>(() => hosted.RunAsync(Predict));
        }

        hold.Set();
        await running;
        await waiting;
        await hosted.RunAsync(Predict);
    }

    [Fact]
    public async Task What_waits_can_be_cancelled()
    {
        using var hold = new ManualResetEventSlim();
        using var predictor = new BrightnessPredictor { Hold = hold };
        using var hosted = new HostedPredictor("test", new HostedPredictorOptions { MaximumQueue = 1 }, () => predictor);
        Task<Prediction> running = hosted.RunAsync(Predict);
        using var cancel = new CancellationTokenSource();
        Task<Prediction> waiting = hosted.RunAsync(Predict, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        hold.Set();
        await running;
        Assert.Equal(0, predictor.Cancelled);
        Assert.Equal(0, hosted.Waiting);
    }

    [Fact]
    public async Task Disposing_cancels_what_runs_and_what_waits_and_disposes_once()
    {
        using var hold = new ManualResetEventSlim();
        var predictor = new BrightnessPredictor { Hold = hold };
        var hosted = new HostedPredictor("test", new HostedPredictorOptions(), () => predictor);
        Task<Prediction> running = hosted.RunAsync(Predict);
        Task<Prediction> waiting = hosted.RunAsync(Predict);
        predictor.Begun.Wait(TestContext.Current.CancellationToken);
        hosted.Dispose();
        hosted.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(1, predictor.Disposals);
    }

    [Fact]
    public async Task Health_follows_the_network()
    {
        using var hold = new ManualResetEventSlim();
        using var predictor = new BrightnessPredictor { Hold = hold };
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMadgNetPredictor("test", _ => predictor, options => options.MaximumQueue = 1).AddHealthCheck();
        using IHost host = builder.Build();
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        await host.StartAsync();
        HealthReport report = await health.CheckHealthAsync(check => check.Tags.Contains("ready"));
        Assert.Equal(HealthStatus.Healthy, Assert.Single(report.Entries).Value.Status);
        Assert.Equal("madgnet-test", report.Entries.Keys.Single());
        HostedPredictor hosted = host.Services.GetRequiredService<HostedPredictor>();
        Task<Prediction> running = hosted.RunAsync(Predict);
        predictor.Begun.Wait(TestContext.Current.CancellationToken);
        Task<Prediction> waiting = hosted.RunAsync(Predict);
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync()).Status);
        hold.Set();
        await running;
        await waiting;
        hosted.Dispose();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    private static Prediction Predict(IImagePredictor predictor, CancellationToken stop) => predictor.Predict(Image, "region", stop);
}
