using System.Diagnostics.Metrics;
using System.Text;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MadgNet.AspNetCore;

/// <summary>Maps the service's endpoints.</summary>
public static class MadgNetEndpoints
{
    /// <summary>
    /// Maps the endpoint that segments images (POST) and, beside it, <c>model</c>, <c>health/live</c>, <c>health/ready</c>,
    /// <c>openapi.json</c> and, at the folder itself, the page to try the network on. With the pattern <c>/nuclei/segment</c> all of them
    /// lie below <c>/nuclei/</c>, so that one application serves several networks.
    /// </summary>
    /// <param name="endpoints">The application. A network was registered with <see cref="MadgNetServices"/>.</param>
    /// <param name="pattern">The path of the endpoint that segments; the others lie beside it.</param>
    /// <param name="name">The name of the predictor; null for the one that was registered first.</param>
    /// <returns>All endpoints, to which conventions such as an authorization or a limit can be added.</returns>
    /// <exception cref="InvalidOperationException">No predictor, or none of that name, is registered.</exception>
    public static IEndpointConventionBuilder MapMadgNet(
        this IEndpointRouteBuilder endpoints, string pattern = "/segment", string? name = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        IServiceProvider services = endpoints.ServiceProvider;
        HostedPredictor hosted = (name is null ? services.GetService<HostedPredictor>() : services.GetKeyedService<HostedPredictor>(name))
            ?? throw new InvalidOperationException(name is null
                ? "No network is registered. Call services.AddMadgNet(name, model) first."
                : $"No network '{name}' is registered. Call services.AddMadgNet(\"{name}\", model) first.");
        MadgNetServiceOptions options = services.GetRequiredService<IOptions<MadgNetServiceOptions>>().Value;
        CancellationToken stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var segment = new SegmentEndpoint(
            hosted,
            options,
            new ServiceMetrics(services.GetService<IMeterFactory>(), hosted),
            services.GetRequiredService<ILoggerFactory>().CreateLogger(ServiceMetrics.Name),
            stopping);

        int folder = pattern.LastIndexOf('/') + 1;
        string own = "/" + pattern[folder..];
        RouteGroupBuilder group = endpoints.MapGroup(pattern[..folder]);
        group.MapPost(own, segment.HandleAsync);
        group.MapGet("/model", context => hosted.IsReady
            ? new Answer(ModelDescription.Write(hosted, options, pattern[folder..]), "application/json").WriteAsync(context)
            : NotReady(context, options));
        group.MapGet("/health/live", context => Status("live").WriteAsync(context));
        group.MapGet("/health/ready", context => hosted.IsReady && !stopping.IsCancellationRequested
            ? Status("ready").WriteAsync(context)
            : NotReady(context, options));
        byte[] document = OpenApiDocument.Write(own, options);
        group.MapGet("/openapi.json", context => new Answer(document, "application/json").WriteAsync(context));
        if (options.ServePage)
        {
            PageFiles.Map(group);
        }

        return group;
    }

    private static Answer Status(string status) => new(Encoding.UTF8.GetBytes($$"""{"status":"{{status}}"}"""), "application/json");

    private static Task NotReady(HttpContext context, MadgNetServiceOptions options) => ProblemAnswer.WriteAsync(
        context,
        StatusCodes.Status503ServiceUnavailable,
        "service: the network is not loaded, or the service stops. Ask again later.",
        options.RetryAfter);
}
