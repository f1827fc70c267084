using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>
/// How libtorch's kernels compute, for the whole process: a run applies it at its beginning and restores what was before at
/// its end. Null leaves a setting as it is.
/// </summary>
public sealed record BackendSettings
{
    /// <summary>Whether CUDA may round float32 products to TF32 (10 bits of mantissa) inside matrix products and convolutions.</summary>
    public bool? AllowTf32 { get; init; }

    /// <summary>Whether cuDNN tries its algorithms out for every new input size and keeps the fastest.</summary>
    public bool? BenchmarkCuDnn { get; init; }

    /// <summary>Whether cuDNN and libtorch take deterministic algorithms where they have them. On the CPU, results are the same from run to run anyway.</summary>
    public bool? Deterministic { get; init; }

    /// <summary>Applies the settings. What cannot be reached is logged and left out.</summary>
    /// <param name="logger">Is told what could not be set; null for nobody.</param>
    /// <returns>Restores what was before, when disposed.</returns>
    public IDisposable Apply(ILogger? logger = null) => throw new NotImplementedException();
}
