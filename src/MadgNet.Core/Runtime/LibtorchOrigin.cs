using System.Diagnostics;
using Microsoft.Extensions.Logging;
using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>
/// Where the libtorch of this process came from. Without a backend package TorchSharp searches NuGet's cache on its own, copies
/// what it finds there beside its assembly and loads that: it works on the developer's machine, with whatever version lay there,
/// and nowhere else.
/// </summary>
internal static class LibtorchOrigin
{
    private static int _told;

    /// <summary>The full path of the loaded library; null before it is loaded, or where the system does not tell.</summary>
    public static string? Path()
    {
        using var process = Process.GetCurrentProcess();
        try
        {
            foreach (ProcessModule module in process.Modules)
            {
                using (module)
                {
                    if (IsLibtorch(System.IO.Path.GetFileName(module.FileName)))
                    {
                        return module.FileName;
                    }
                }
            }
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or NotSupportedException)
        {
            return null;
        }

        return null;
    }

    /// <summary>What is wrong with a place that libtorch was loaded from; null where a backend package or the system brought it.</summary>
    /// <param name="library">The library's path.</param>
    /// <param name="application">The application's folder.</param>
    /// <param name="torchSharp">The folder of TorchSharp's assembly.</param>
    /// <param name="cache">NuGet's cache.</param>
    public static Problem? Examine(string library, string application, string torchSharp, string cache)
    {
        string folder = System.IO.Path.GetDirectoryName(library)!;

        // An application that runs from the cache itself, as a tool does, has its backend there by right.
        bool cached = IsBelow(library, cache) && !IsBelow(application, cache);

        // What TorchSharp copies goes into lib/<framework>/<backend> or <backend> below its own folder; packages use
        // runtimes/<platform>/native.
        bool copied = IsBelow(folder, torchSharp) && !Same(folder, torchSharp) && !Same(folder, application)
            && !System.IO.Path.GetRelativePath(torchSharp, folder).StartsWith("runtimes", StringComparison.OrdinalIgnoreCase);
        return cached || copied
            ? new Problem(
                "libtorch",
                $"'{library}', {(cached ? "in NuGet's cache" : "a copy that TorchSharp made of NuGet's cache")}, because the "
                    + $"application references no backend package",
                "a backend package of the application's own, which publishing takes along",
                $"Reference TorchSharp-cpu or a CUDA backend in the application{(copied ? ", and delete the copy" : "")}")
            : null;
    }

    /// <summary>Warns once a process where libtorch came from NuGet's cache.</summary>
    public static void Warn(ILogger logger)
    {
        if (!logger.IsEnabled(LogLevel.Warning) || Interlocked.Exchange(ref _told, 1) != 0)
        {
            return;
        }

        if (Problem() is { } problem)
        {
            logger.LogWarning("{Problem}", problem);
        }
    }

    /// <summary>What is wrong with the libtorch of this process; null where nothing is, or it is not known.</summary>
    public static Problem? Problem()
    {
        string application = AppContext.BaseDirectory;
        string? beside = System.IO.Path.GetDirectoryName(typeof(torch).Assembly.Location);
        return Path() is { } path ? Examine(path, application, string.IsNullOrEmpty(beside) ? application : beside, Cache()) : null;
    }

    private static string Cache() => Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
        ? set
        : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static bool IsLibtorch(string? file) =>
        file is "torch_cpu.dll" or "libtorch_cpu.dylib" || file?.StartsWith("libtorch_cpu.so", StringComparison.Ordinal) == true;

    private static bool IsBelow(string path, string folder)
    {
        string relative = System.IO.Path.GetRelativePath(folder, path);
        return relative != ".."
            && !relative.StartsWith(".." + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)
            && !System.IO.Path.IsPathRooted(relative);
    }

    private static bool Same(string one, string other) => System.IO.Path.GetRelativePath(one, other) == ".";
}
