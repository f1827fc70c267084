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

    // What libtorch keeps for the whole process is decided for the whole process.
    private static readonly ArithmeticGuard Arithmetic = new(ProcessorCaches.OfProcessor());

    /// <summary>
    /// Makes sure that libtorch is loaded, and meets the hazards of this machine that are known (see <see cref="Configure"/>). The
    /// library's own entry points call it; an application may call it at its start, to fail early, and should where it computes
    /// convolutions of its own before this library's first. After the first call it costs next to nothing.
    /// </summary>
    /// <exception cref="NativeLibraryException">
    /// libtorch cannot be loaded: no backend package, a backend for another platform, a C++ standard library that is too
    /// old, or a missing dependency. The message says which, and the cure.
    /// </exception>
    public static void EnsureAvailable()
    {
        EnsureLoaded();
        Arithmetic.Prepare();
    }

    /// <summary>
    /// Chooses how this process uses libtorch, best before anything else of this library. With <see cref="OneDnnMode.Auto"/>, the
    /// default without a call, oneDNN is used as it is on processors that tell their cache sizes. On others it would compute wrongly
    /// or end the process: there its description of the processor is repaired, or oneDNN is switched off where it cannot be.
    /// NNPACK is switched off where it cannot work.
    /// </summary>
    /// <param name="options">The choice.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <remarks>
    /// Safe from several threads. Another choice of oneDNN than before takes effect at once, and the check is made again.
    /// </remarks>
    public static void Configure(NativeRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InvalidOptionsException.ThrowIfAny(nameof(NativeRuntime), options.Validate());
        Arithmetic.Configure(options);
    }

    /// <summary>
    /// Proves once a process that libtorch computes rightly on the processor; modules of this library call it when they are
    /// constructed. Takes up to 0.3 seconds the first time, and next to nothing later.
    /// </summary>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="WrongArithmeticException">It computes wrongly, with and without oneDNN.</exception>
    public static void EnsureVerified() => EnsureVerified(torch.CPU);

    /// <summary>Proves once a process and device that libtorch computes rightly there; training and prediction call it.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="WrongArithmeticException">It computes wrongly on the device, with and without oneDNN.</exception>
    public static void EnsureVerified(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        EnsureLoaded();
        Arithmetic.EnsureVerified(device);
    }

    /// <summary>
    /// Checks the arithmetic of the processor now: convolutions and what stands beside them, forward and backward, against double
    /// precision.
    /// </summary>
    /// <returns>What was found.</returns>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="WrongArithmeticException">It computes wrongly, with and without oneDNN.</exception>
    public static ArithmeticReport VerifyArithmetic() => VerifyArithmetic(new ArithmeticCheckOptions(), CancellationToken.None);

    /// <summary>Checks the arithmetic of a device now, as long as asked for.</summary>
    /// <param name="options">Device and extent.</param>
    /// <param name="cancellationToken">Ends the check between two operations.</param>
    /// <returns>
    /// What was found. Where oneDNN was found to compute wrongly it is switched off (under <see cref="OneDnnMode.Auto"/>), the check
    /// is made again without it, and <see cref="ArithmeticReport.Wrong"/> lists what was wrong before.
    /// </returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="WrongArithmeticException">It computes wrongly, with and without oneDNN.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ArithmeticReport VerifyArithmetic(ArithmeticCheckOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        InvalidOptionsException.ThrowIfAny(nameof(NativeRuntime), options.Validate());
        EnsureLoaded();
        return Arithmetic.Verify(options, cancellationToken);
    }

    /// <summary>Tells a logger what was switched off or repaired on this machine, where no other was told before.</summary>
    internal static void Log(Microsoft.Extensions.Logging.ILogger logger)
    {
        Arithmetic.Log(logger);
        LibtorchOrigin.Warn(logger);
    }

    /// <summary>Loads libtorch, and decides nothing about its arithmetic.</summary>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    internal static void EnsureLoaded()
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
            cuda ? torch.cuda.device_count() : 0)
        {
            Arithmetic = Arithmetic.Report(torch.CPU),
            LibtorchPath = LibtorchOrigin.Path(),
            LibtorchProblem = LibtorchOrigin.Problem(),
        };
    }

    /// <summary>
    /// <see cref="EnsureVerified()"/> for the constructors of modules, whose base constructor is native code already: it
    /// goes into its argument.
    /// </summary>
    /// <param name="moduleName">What the base constructor takes.</param>
    /// <returns>The same name.</returns>
    internal static string Ensured(string moduleName)
    {
        EnsureVerified();
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
