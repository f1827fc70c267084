using Microsoft.Extensions.Hosting;

namespace MadgNet.Onnx.Hosting;

/// <summary>Loads a predictor when the host starts, so that a bad file ends the start and not the first request.</summary>
internal sealed class PredictorLoading(HostedPredictor predictor) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(() => _ = predictor.Predictor, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
