using System.Runtime.InteropServices;
using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>Functions that libtorch exports and TorchSharp does not wrap, by their C++ names.</summary>
internal static class LibtorchExports
{
    // By the names and the search path that TorchSharp uses itself, so that the library that is loaded already is found.
    private static readonly Lazy<nint> Library = new(() =>
    {
        NativeRuntime.EnsureLoaded();
        return NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out nint handle) ? handle : 0;
    });

    /// <summary>A function's address, or 0 where it is not exported.</summary>
    /// <param name="itanium">The name on Linux and macOS.</param>
    /// <param name="microsoft">The name on Windows.</param>
    public static nint Find(string itanium, string microsoft) =>
        Library.Value != 0 && NativeLibrary.TryGetExport(Library.Value, OperatingSystem.IsWindows() ? microsoft : itanium, out nint address)
            ? address
            : 0;
}
