namespace MadgNet.Core.Runtime;

/// <summary>Tells the causes of a failed load apart.</summary>
internal static class NativeDiagnosis
{
    /// <summary>Names the cause of a load that failed in the given environment, and its cure.</summary>
    /// <remarks>
    /// The order matters: a missing backend and a foreign one come before libstdc++, because without a library that could
    /// be loaded at all the standard library's version is nobody's problem.
    /// </remarks>
    public static (NativeLibraryFault Fault, Problem Problem) Explain(NativeEnvironment environment)
    {
        NativePlatform platform = environment.Platform;
        if (environment.Libtorch.Count == 0)
        {
            return (NativeLibraryFault.NoBackendPackage, new Problem(
                "TorchSharp backend",
                $"no libtorch in {environment.Folder} or its runtimes folders",
                $"the libtorch of one backend package for {platform} there",
                $"Reference a backend package of TorchSharp's version in the application's project: dotnet add package TorchSharp-cpu "
                    + $"--version {environment.TorchSharpVersion}{ForGpu(platform)}"));
        }

        if (!environment.Libtorch.Values.Contains(platform) || !environment.TorchSharp.Values.Contains(platform))
        {
            string found = Platforms(environment.Libtorch.Values);
            return (NativeLibraryFault.WrongPlatform, new Problem(
                "TorchSharp backend",
                $"a {platform} process, libtorch for {found} and TorchSharp's library for {Platforms(environment.TorchSharp.Values)}",
                $"both for {platform}",
                NativePlatform.Supported.Contains(platform)
                    ? $"Reference the backend package of {platform} (TorchSharp-cpu, version {environment.TorchSharpVersion}"
                        + $"{ForGpu(platform)}) in the application's project, and publish for {platform}"
                    : $"Run the application as a process of {string.Join(", ", NativePlatform.Supported)}: TorchSharp "
                        + $"{environment.TorchSharpVersion} has no library for {platform}"));
        }

        if (environment is { StandardLibraryNeeded: { } needed, StandardLibrary: { } library }
            && (environment.StandardLibraryOffers is not { } offered || offered < needed))
        {
            string newest = environment.StandardLibraryOffers is { } version ? $"GLIBCXX_{version}" : "unknown";
            return (NativeLibraryFault.StandardLibraryTooOld, new Problem(
                "C++ standard library",
                $"{library}, whose newest symbols are {newest}",
                $"GLIBCXX_{needed} or newer, which TorchSharp {environment.TorchSharpVersion} needs (libstdc++ of GCC 13 or newer)",
                "Use Debian 13, Ubuntu 24.04 or newer; on Debian 12 take libstdc++6 from Debian 13 (eng/native-prerequisites.sh in the "
                    + "repository of MadgNet.Core does it); on Ubuntu 22.04 take it from the PPA ubuntu-toolchain-r/test"));
        }

        return (NativeLibraryFault.MissingDependency, new Problem(
            "TorchSharp backend",
            $"libtorch for {platform} in {Path.GetDirectoryName(environment.Libtorch.First(file => file.Value == platform).Key)}, "
                + $"which the system did not load: {environment.LoaderMessage ?? "TorchSharp's exception tells more"}",
            $"that it and every library it depends on can be loaded, from a backend package of TorchSharp's version "
                + $"{environment.TorchSharpVersion}",
            platform.SystemName == "win"
                ? "Install the Microsoft Visual C++ Redistributable 2015-2022 for this architecture, and check that the versions of "
                    + "TorchSharp and its backend package are the same"
                : "Install the library that the reason names, check LD_LIBRARY_PATH, and check that the versions of TorchSharp and its "
                    + "backend package are the same"));
    }

    /// <summary>Whether TorchSharp's own ways to find a library cannot help any more.</summary>
    public static bool IsFinal(NativeLibraryFault fault, NativeEnvironment environment) => fault switch
    {
        NativeLibraryFault.StandardLibraryTooOld => true,
        NativeLibraryFault.NoBackendPackage or NativeLibraryFault.WrongPlatform => !environment.InNuGetCache,
        _ => false,
    };

    private static string ForGpu(NativePlatform platform) => platform.SystemName switch
    {
        "win" => ", or TorchSharp-cuda-windows for an NVIDIA GPU",
        "linux" => ", or TorchSharp-cuda-linux for an NVIDIA GPU",
        _ => string.Empty,
    };

    private static string Platforms(IEnumerable<NativePlatform?> platforms)
    {
        string[] names = [.. platforms.Select(platform => platform?.ToString() ?? "an unknown platform")
            .Distinct()
            .Order(StringComparer.Ordinal)];
        return names.Length == 0 ? "no platform" : string.Join(", ", names);
    }
}
