using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MadgNet.AspNetCore;

/// <summary>Registers what a service accepts and offers.</summary>
public static class MadgNetService
{
    /// <summary>
    /// Sets the limits and formats of the endpoints that <see cref="MadgNetEndpoints.MapMadgNet"/> maps. They are checked when the host
    /// starts. The networks themselves are registered by <see cref="Onnx.Hosting.MadgNetServices"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMadgNetService(this IServiceCollection services, Action<MadgNetServiceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<MadgNetServiceOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MadgNetServiceOptions>, ServiceOptionsCheck>());
        return services;
    }

    private sealed class ServiceOptionsCheck : IValidateOptions<MadgNetServiceOptions>
    {
        public ValidateOptionsResult Validate(string? name, MadgNetServiceOptions options)
        {
            string[] problems = [.. options.Validate().Select(problem => problem.ToString())];
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
