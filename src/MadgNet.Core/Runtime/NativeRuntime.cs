using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>
/// The native side of TorchSharp: loads it once and explains a failure. A library references TorchSharp alone; which
/// libtorch it runs on is chosen by the application through a backend package such as <c>TorchSharp-cpu</c>.
/// </summary>
public static class NativeRuntime
{
    // The loader's answer cannot change within a process: TorchSharp's type initializer runs once.
    private static readonly Lazy<Failure?> LoadFailure = new(Load);

    /// <summary>
    /// Makes sure that libtorch is loaded. The library's own entry points call it; an application may call it at its
    /// start, to fail early. After the first call it costs next to nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">
    /// libtorch cannot be loaded: no backend package, a backend for another platform, a C++ standard library that is too
    /// old, or a missing dependency. The message says which, and the cure.
    /// </exception>
    public static void EnsureAvailable()
    {
        if (LoadFailure.Value is { } failure)
        {
            throw new NativeLibraryException(failure.Fault, failure.Message, failure.Cause);
        }
    }

    /// <summary>Describes versions, platform and devices, for logs and records.</summary>
    /// <returns>The description; its <see cref="RuntimeDescription.ToString"/> is one line.</returns>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static RuntimeDescription Describe()
    {
        EnsureAvailable();
        bool cuda = torch.cuda.is_available();
        return new RuntimeDescription(
            VersionOf(typeof(NativeRuntime).Assembly),
            VersionOf(typeof(torch).Assembly),
            torch.__version__,
            NativePlatform.OfProcess().ToString(),
            RuntimeInformation.FrameworkDescription,
            torch.get_num_threads(),
            cuda,
            cuda ? torch.cuda.device_count() : 0);
    }

    /// <summary>
    /// <see cref="EnsureAvailable"/> for the constructors of modules, whose base constructor is native code already: it
    /// goes into its argument.
    /// </summary>
    /// <param name="moduleName">What the base constructor takes.</param>
    /// <returns>The same name.</returns>
    internal static string Ensured(string moduleName)
    {
        EnsureAvailable();
        return moduleName;
    }

    internal static string VersionOf(Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString()
            ?? "unknown";
        int commit = version.IndexOf('+', StringComparison.Ordinal);
        return commit < 0 ? version : version[..commit];
    }

    // The loader is asked before TorchSharp is: where TorchSharp fails it writes its trace to the console, and looks for
    // libtorch in NuGet's cache, from where it copies hundreds of megabytes beside the application.
    private static Failure? Load()
    {
        DllNotFoundException? refused = AskLoader();
        if (refused is not null)
        {
            NativeEnvironment environment = Inspect(refused);
            (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(environment);
            if (NativeDiagnosis.IsFinal(fault, environment))
            {
                return new Failure(fault, problem.ToString(), refused);
            }
        }

        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            _ = torch.get_num_threads();
            return null;
        }
        catch (Exception exception) when (exception
            is TypeInitializationException
            or NotSupportedException
            or DllNotFoundException
            or EntryPointNotFoundException
            or BadImageFormatException
            or IOException)
        {
            (NativeLibraryFault fault, Problem problem) = NativeDiagnosis.Explain(Inspect(refused));
            return new Failure(fault, problem.ToString(), exception);
        }
    }

    // By the names and the search path that TorchSharp uses itself: another copy of the same library, loaded by its full
    // path, would be a second libtorch in the process.
    private static DllNotFoundException? AskLoader()
    {
        try
        {
            _ = NativeLibrary.Load("torch_cpu", typeof(torch).Assembly, null);
            _ = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            return null;
        }
        catch (DllNotFoundException exception)
        {
            return exception;
        }
        catch (BadImageFormatException exception)
        {
            return new DllNotFoundException(exception.Message, exception);
        }
    }

    private static NativeEnvironment Inspect(DllNotFoundException? refused) =>
        NativeEnvironment.Inspect(refused is null ? null : NativeEnvironment.ReasonIn(refused.Message));

    private sealed record Failure(NativeLibraryFault Fault, string Message, Exception Cause);
}
