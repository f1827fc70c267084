using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MadgNet.Onnx.Hosting;

/// <summary>Whether a predictor takes images. Runs no network: a check must not take the place of an image.</summary>
internal sealed class PredictorHealthCheck(HostedPredictor predictor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["running"] = predictor.Running, ["waiting"] = predictor.Waiting };
        HealthCheckResult result = !predictor.IsReady
            ? new HealthCheckResult(context.Registration.FailureStatus, "The network is not loaded.", data: data)
            : predictor.Waiting > 0 && predictor.Waiting >= predictor.Options.MaximumQueue
                ? HealthCheckResult.Degraded("As many images wait as may.", data: data)
                : HealthCheckResult.Healthy("The network is loaded.", data);
        return Task.FromResult(result);
    }
}
