using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MadgNet.Onnx.Hosting;

/// <summary>Registers networks in a host.</summary>
public static class MadgNetServices
{
    /// <summary>
    /// Registers an ONNX file as a predictor: loaded when the host starts, limited in what runs at once, disposed with the host.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">What it is called: the key of its <see cref="HostedPredictor"/> and the name of its options.</param>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="configure">Sets its options; null for the defaults. They are checked when the host starts.</param>
    /// <returns>What more can be registered for it.</returns>
    /// <exception cref="ArgumentException">A predictor of that name is registered.</exception>
    public static HostedPredictorBuilder AddMadgNet(
        this IServiceCollection services, string name, string modelPath, Action<HostedPredictorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        return Add(
            services, name, (_, options) => ImagePredictor.LoadOnnx(modelPath, options.Predictor, options.SharedRuntime()), configure);
    }

    /// <summary>Registers a predictor that the host makes: one on libtorch, or of a runtime of its own.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">What it is called: the key of its <see cref="HostedPredictor"/> and the name of its options.</param>
    /// <param name="create">Makes it; called once. It is disposed with the host.</param>
    /// <param name="configure">Sets its options, of which those about ONNX and prediction are for <paramref name="create"/> to take; null
    /// for the defaults.</param>
    /// <returns>What more can be registered for it.</returns>
    /// <exception cref="ArgumentException">A predictor of that name is registered.</exception>
    public static HostedPredictorBuilder AddMadgNetPredictor(
        this IServiceCollection services,
        string name,
        Func<IServiceProvider, IImagePredictor> create,
        Action<HostedPredictorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(create);
        return Add(services, name, (provider, _) => create(provider), configure);
    }

    private static HostedPredictorBuilder Add(
        IServiceCollection services,
        string name,
        Func<IServiceProvider, HostedPredictorOptions, IImagePredictor> create,
        Action<HostedPredictorOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (services.Any(service =>
            service.ServiceType == typeof(HostedPredictor) && service.IsKeyedService && name.Equals(service.ServiceKey)))
        {
            throw new ArgumentException(
                $"received the name '{name}' a second time; expected a name for each predictor. Choose another one.", nameof(name));
        }

        services.AddOptions<HostedPredictorOptions>(name).Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HostedPredictorOptions>, PredictorOptionsCheck>());
        services.AddKeyedSingleton(name, (provider, _) =>
        {
            HostedPredictorOptions options = provider.GetRequiredService<IOptionsMonitor<HostedPredictorOptions>>().Get(name);
            return new HostedPredictor(
                name, options, () => create(provider, options), provider.GetService<ILogger<HostedPredictor>>());
        });
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<HostedPredictor>(name));
        services.AddSingleton<IHostedService>(
            provider => new PredictorLoading(provider.GetRequiredKeyedService<HostedPredictor>(name)));
        return new HostedPredictorBuilder(name, services);
    }
}
