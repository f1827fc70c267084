namespace MadgNet.Core.Runtime;

/// <summary>What a computation runs on, for logs and for the record of a training run.</summary>
/// <param name="LibraryVersion">The version of MadgNet.Core, without its commit.</param>
/// <param name="TorchSharpVersion">The version of TorchSharp.</param>
/// <param name="LibtorchVersion">The version of libtorch that the backend package brought.</param>
/// <param name="Platform">Operating system and processor architecture of this process, for example <c>linux-x64</c>.</param>
/// <param name="Framework">The .NET runtime, for example <c>.NET 10.0.12</c>.</param>
/// <param name="Threads">The number of threads that libtorch uses within one operation on the CPU.</param>
/// <param name="CudaAvailable">Whether the backend has CUDA and an NVIDIA GPU answers.</param>
/// <param name="CudaDeviceCount">The number of NVIDIA GPUs; 0 without CUDA.</param>
public sealed record RuntimeDescription(
    string LibraryVersion,
    string TorchSharpVersion,
    string LibtorchVersion,
    string Platform,
    string Framework,
    int Threads,
    bool CudaAvailable,
    int CudaDeviceCount)
{
    /// <summary>
    /// How libtorch computes on the processor and what the check of it found so far; null where that was not asked for.
    /// </summary>
    public ArithmeticReport? Arithmetic { get; init; }

    /// <summary>The libtorch that was loaded; null where the system does not tell.</summary>
    public string? LibtorchPath { get; init; }

    /// <summary>What is wrong with where it came from, such as NuGet's cache instead of a backend package; null where nothing is.</summary>
    public Problem? LibtorchProblem { get; init; }

    /// <summary>Everything in one line, for a log.</summary>
    /// <returns>For example <c>MadgNet.Core 0.1.0, TorchSharp 0.107.0, libtorch 2.10.0+cpu, linux-x64, …</c>.</returns>
    public override string ToString() =>
        $"MadgNet.Core {LibraryVersion}, TorchSharp {TorchSharpVersion}, libtorch {LibtorchVersion}, {Platform}, {Framework}, "
        + $"{Threads} threads, "
            + $"{(CudaAvailable ? $"CUDA with {CudaDeviceCount} device{(CudaDeviceCount == 1 ? string.Empty : "s")}" : "no CUDA")}"
        + (Arithmetic is null ? string.Empty : $", {Arithmetic}")
        + (LibtorchProblem is null ? string.Empty : $", {LibtorchProblem}");
}
