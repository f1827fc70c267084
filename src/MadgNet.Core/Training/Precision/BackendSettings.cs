using MadgNet.Core.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;

namespace MadgNet.Core.Training.Precision;

/// <summary>
/// How libtorch's kernels compute, for the whole process: a run applies it at its beginning and restores what was before at
/// its end. Null leaves a setting as it is.
/// </summary>
/// <remarks>Setting and reading back was executed on the CPU; what the settings do on CUDA was not.</remarks>
public sealed record BackendSettings : IDescribed
{
    /// <summary>Whether CUDA may round float32 products to TF32 (10 bits of mantissa) inside matrix products and convolutions.</summary>
    public bool? AllowTf32 { get; init; }

    /// <summary>
    /// Whether cuDNN tries its algorithms out for every new input size and keeps the fastest: faster where sizes repeat, and not the same
    /// from run to run.
    /// </summary>
    public bool? BenchmarkCuDnn { get; init; }

    /// <summary>
    /// Whether cuDNN and libtorch take deterministic algorithms where they have them; where they have none, libtorch warns and
    /// goes on. On the CPU, results are the same from run to run anyway.
    /// </summary>
    public bool? Deterministic { get; init; }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        (nameof(AllowTf32), AllowTf32),
        (nameof(BenchmarkCuDnn), BenchmarkCuDnn),
        (nameof(Deterministic), Deterministic),
    ];

    /// <summary>Applies the settings. What cannot be reached is logged and left out.</summary>
    /// <param name="logger">Is told what could not be set; null for nobody.</param>
    /// <returns>Restores what was before, when disposed; a second time does nothing.</returns>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public IDisposable Apply(ILogger? logger = null)
    {
        NativeRuntime.EnsureAvailable();
        var restore = new Restore();
        if (AllowTf32 is { } tf32)
        {
            bool products = torch.backends.cuda.matmul.allow_tf32;
            bool convolutions = torch.backends.cudnn.allow_tf32;
            restore.Add(() => (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) = (products, convolutions));
            (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) = (tf32, tf32);
        }

        if (BenchmarkCuDnn is { } benchmark)
        {
            Set(LibtorchContext.Benchmark, benchmark, nameof(BenchmarkCuDnn), restore, logger);
        }

        if (Deterministic is { } deterministic)
        {
            Set(LibtorchContext.DeterministicCuDnn, deterministic, nameof(Deterministic), restore, logger);
            Set(LibtorchContext.DeterministicAlgorithms, deterministic, nameof(Deterministic), restore, logger);
        }

        return restore;
    }

    private static void Set(LibtorchContext.Switch? setting, bool value, string name, Restore restore, ILogger? logger)
    {
        if (setting is null)
        {
            (logger ?? NullLogger.Instance).LogWarning(
                "{Setting} is left as it is: this libtorch does not export the function that sets it", name);
            return;
        }

        (bool On, bool Warns) before = setting.Value;
        restore.Add(() => setting.Value = before);
        setting.Value = (value, true);
    }

    private sealed class Restore : IDisposable
    {
        private readonly Stack<Action> _actions = new();

        public void Add(Action action) => _actions.Push(action);

        public void Dispose()
        {
            while (_actions.TryPop(out Action? action))
            {
                action();
            }
        }
    }
}
