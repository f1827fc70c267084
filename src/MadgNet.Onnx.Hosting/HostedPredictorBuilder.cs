using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MadgNet.Onnx.Hosting;

/// <summary>What more can be registered for a predictor.</summary>
public sealed class HostedPredictorBuilder
{
    internal HostedPredictorBuilder(string name, IServiceCollection services) => (Name, Services) = (name, services);

    /// <summary>The predictor's name, which is its key.</summary>
    public string Name { get; }

    /// <summary>The services that it is registered with.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a health check: healthy when the predictor is loaded, degraded when as many images wait as may, unhealthy before and after.
    /// </summary>
    /// <param name="tags">Its tags; <c>ready</c> when there are none.</param>
    /// <returns>The builder.</returns>
    public HostedPredictorBuilder AddHealthCheck(params IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        string name = Name;
        Services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"madgnet-{name}",
            provider => new PredictorHealthCheck(provider.GetRequiredKeyedService<HostedPredictor>(name)),
            HealthStatus.Unhealthy,
            tags.Count > 0 ? tags : ["ready"]));
        return this;
    }
}
