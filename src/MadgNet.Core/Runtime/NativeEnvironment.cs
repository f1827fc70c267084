using System.Runtime.InteropServices;
using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>What a failed load of libtorch is diagnosed from: everything that was looked up, and nothing judged yet.</summary>
/// <param name="Platform">The platform of the process.</param>
/// <param name="TorchSharpVersion">The version of TorchSharp, which the backend package's has to match.</param>
/// <param name="Folder">The application's folder.</param>
/// <param name="Libtorch">The libtorch libraries found, by path.</param>
/// <param name="TorchSharp">TorchSharp's own native libraries found, by path.</param>
/// <param name="StandardLibrary">The path of the C++ standard library that the process uses, where it is known.</param>
/// <param name="StandardLibraryOffers">The newest symbol version of that library.</param>
/// <param name="StandardLibraryNeeded">The newest symbol version that the native libraries ask for.</param>
/// <param name="InNuGetCache">Whether NuGet's cache holds a libtorch, where TorchSharp looks when the application has none.</param>
/// <param name="LoaderMessage">What the system's loader said, where it was asked and refused.</param>
internal sealed record NativeEnvironment(
    NativePlatform Platform,
    string TorchSharpVersion,
    string Folder,
    IReadOnlyDictionary<string, NativePlatform?> Libtorch,
    IReadOnlyDictionary<string, NativePlatform?> TorchSharp,
    string? StandardLibrary,
    Version? StandardLibraryOffers,
    Version? StandardLibraryNeeded,
    bool InNuGetCache,
    string? LoaderMessage)
{
    private static readonly string[] LibtorchNames = ["libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib"];
    private static readonly string[] TorchSharpNames = ["libLibTorchSharp.so", "LibTorchSharp.dll", "libLibTorchSharp.dylib"];

    /// <summary>Looks everything up for this process.</summary>
    /// <param name="loaderMessage">What the system's loader said, where it was asked and refused.</param>
    public static NativeEnvironment Inspect(string? loaderMessage)
    {
        NativePlatform platform = NativePlatform.OfProcess();
        IReadOnlyList<string> folders = Folders();
        Dictionary<string, NativePlatform?> torchSharp = Find(folders, TorchSharpNames);
        string? standardLibrary = OperatingSystem.IsLinux() ? MappedStandardLibrary() : null;
        string? own = torchSharp.FirstOrDefault(file => file.Value == platform).Key;
        return new NativeEnvironment(
            platform,
            NativeRuntime.VersionOf(typeof(torch).Assembly),
            AppContext.BaseDirectory,
            Find(folders, LibtorchNames),
            torchSharp,
            standardLibrary,
            Symbols(standardLibrary),
            OperatingSystem.IsLinux() ? Symbols(own) : null,
            IsInNuGetCache(),
            loaderMessage);
    }

    /// <summary>The path of libstdc++ in the memory map that Linux writes to <c>/proc/self/maps</c>, or null.</summary>
    internal static string? StandardLibraryIn(IEnumerable<string> memoryMap) => memoryMap
        .Select(line => line.IndexOf('/', StringComparison.Ordinal) is >= 0 and int at ? line[at..] : string.Empty)
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so", StringComparison.Ordinal));

    /// <summary>
    /// The one line that tells why a library was not loaded. On Linux .NET lists every path that it tried, nearly all of
    /// which never existed; the line about a library that does exist names what it lacks.
    /// </summary>
    internal static string ReasonIn(string message)
    {
        string[] lines = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.Skip(1)
            .FirstOrDefault(line => !(line.StartsWith('/') && line.EndsWith("No such file or directory", StringComparison.Ordinal)))
            ?? lines.FirstOrDefault()
            ?? "no reason given";
    }

    // Where the host, a publish for one platform, a publish for all and a plug-in's own folder keep native libraries.
    private static IReadOnlyList<string> Folders()
    {
        var roots = new HashSet<string>(StringComparer.Ordinal) { AppContext.BaseDirectory };
        if (Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } beside)
        {
            roots.Add(beside);
        }

        var folders = new HashSet<string>(roots, StringComparer.Ordinal);
        foreach (string runtimes in roots.Select(root => Path.Combine(root, "runtimes")).Where(Directory.Exists))
        {
            folders.UnionWith(Directory.GetDirectories(runtimes).Select(runtime => Path.Combine(runtime, "native")));
        }

        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string searched)
        {
            folders.UnionWith(searched.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. folders.Where(Directory.Exists)];
    }

    private static Dictionary<string, NativePlatform?> Find(IEnumerable<string> folders, string[] names) => folders
        .SelectMany(folder => names.Select(name => Path.GetFullPath(Path.Combine(folder, name))))
        .Where(File.Exists)
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(path => path, NativePlatform.OfFile, StringComparer.Ordinal);

    // The .NET runtime itself uses libstdc++, so the one that every later library gets is mapped already; loading it by
    // name covers a runtime that is linked statically.
    private static string? MappedStandardLibrary()
    {
        bool loaded = NativeLibrary.TryLoad("libstdc++.so.6", out nint handle);
        try
        {
            return File.Exists("/proc/self/maps") ? StandardLibraryIn(File.ReadLines("/proc/self/maps")) : null;
        }
        finally
        {
            if (loaded)
            {
                NativeLibrary.Free(handle);
            }
        }
    }

    private static bool IsInNuGetCache()
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } chosen
            ? chosen
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Directory.Exists(cache) && Directory.EnumerateDirectories(cache, "libtorch-c*").Any();
    }

    private static Version? Symbols(string? path) => path is null ? null : SymbolVersion.Newest(File.ReadAllBytes(path));
}
