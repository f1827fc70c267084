using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class NativeDiagnosisTests
{
    private static readonly NativePlatform Linux = new("linux", "x64");
    private static readonly NativePlatform Windows = new("win", "x64");

    [Fact]
    public void Without_any_libtorch_the_backend_package_is_missing()
    {
        NativeEnvironment environment = Working() with { Libtorch = Files() };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.NoBackendPackage, fault);
        Assert.Contains("dotnet add package TorchSharp-cpu --version 0.107.0", problem.Remedy);
    }

    [Fact]
    public void A_missing_backend_package_is_named_before_an_old_standard_library()
    {
        NativeEnvironment environment = Working() with { Libtorch = Files(), StandardLibraryOffers = new Version(3, 4, 30) };

        Assert.Equal(NativeLibraryFault.NoBackendPackage, NativeDiagnosis.Explain(environment).Fault);
    }

    [Fact]
    public void Libtorch_of_another_system_is_a_wrong_platform()
    {
        NativeEnvironment environment = Working() with { Libtorch = Files(Windows) };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.WrongPlatform, fault);
        Assert.Contains("a linux-x64 process, libtorch for win-x64", problem.Received);
    }

    [Fact]
    public void A_process_of_an_architecture_that_TorchSharp_lacks_is_told_which_there_are()
    {
        NativeEnvironment environment = Working() with { Platform = new NativePlatform("linux", "arm64") };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.WrongPlatform, fault);
        Assert.Contains("linux-x64, win-x64, win-arm64, osx-arm64", problem.Remedy);
    }

    [Fact]
    public void A_system_with_musl_is_a_wrong_platform_for_libraries_of_glibc()
    {
        NativeEnvironment environment = Working() with { Platform = new NativePlatform("linux-musl", "x64") };

        Assert.Equal(NativeLibraryFault.WrongPlatform, NativeDiagnosis.Explain(environment).Fault);
    }

    [Fact]
    public void TorchSharps_own_library_of_another_platform_is_a_wrong_platform()
    {
        NativeEnvironment environment = Working() with { TorchSharp = Files(Windows) };

        Assert.Equal(NativeLibraryFault.WrongPlatform, NativeDiagnosis.Explain(environment).Fault);
    }

    [Fact]
    public void A_standard_library_older_than_needed_is_too_old()
    {
        NativeEnvironment environment = Working() with { StandardLibraryOffers = new Version(3, 4, 30) };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.StandardLibraryTooOld, fault);
        Assert.Contains("/lib/libstdc++.so.6, whose newest symbols are GLIBCXX_3.4.30", problem.Received);
        Assert.Contains("GLIBCXX_3.4.32", problem.Expected);
    }

    [Fact]
    public void Anything_else_is_a_missing_dependency_with_the_loaders_reason()
    {
        NativeEnvironment environment = Working() with { LoaderMessage = "libgomp.so.1: cannot open shared object file" };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.MissingDependency, fault);
        Assert.Contains("libgomp.so.1: cannot open shared object file", problem.Received);
    }

    [Fact]
    public void On_Windows_a_missing_dependency_names_the_redistributable()
    {
        NativeEnvironment environment = Working() with
        {
            Platform = Windows,
            Libtorch = Files(Windows),
            TorchSharp = Files(Windows),
            StandardLibrary = null,
            StandardLibraryOffers = null,
            StandardLibraryNeeded = null,
        };

        (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);

        Assert.Equal(NativeLibraryFault.MissingDependency, fault);
        Assert.Contains("Visual C++ Redistributable", problem.Remedy);
    }

    [Theory]
    [InlineData(NativeLibraryFault.StandardLibraryTooOld, true, true)]
    [InlineData(NativeLibraryFault.NoBackendPackage, false, true)]
    [InlineData(NativeLibraryFault.NoBackendPackage, true, false)]
    [InlineData(NativeLibraryFault.WrongPlatform, false, true)]
    [InlineData(NativeLibraryFault.WrongPlatform, true, false)]
    [InlineData(NativeLibraryFault.MissingDependency, false, false)]
    public void TorchSharp_is_asked_only_where_its_own_search_could_still_find_a_library(
        NativeLibraryFault fault, bool inNuGetCache, bool isFinal)
    {
        Assert.Equal(isFinal, NativeDiagnosis.IsFinal(fault, Working() with { InNuGetCache = inNuGetCache }));
    }

    // An environment in which nothing is wrong; each test breaks one thing.
    private static NativeEnvironment Working() => new(
        Linux,
        "0.107.0",
        "/app/",
        Files(Linux),
        Files(Linux),
        "/lib/libstdc++.so.6",
        new Version(3, 4, 33),
        new Version(3, 4, 32),
        InNuGetCache: false,
        LoaderMessage: null);

    private static Dictionary<string, NativePlatform?> Files(params NativePlatform[] platforms) =>
        platforms.ToDictionary(platform => $"/app/runtimes/{platform}/native/library", platform => (NativePlatform?)platform);
}
