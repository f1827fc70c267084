using System.Runtime.InteropServices;
using System.Text;

namespace MadgNet.Distributed;

/// <summary>The calls of a machine's MPI library. Loaded once a process; there is no unloading.</summary>
internal sealed unsafe partial class MpiLibrary
{
    private const int Now = 2;
    private const int GlobalOnLinux = 0x100;
    private const int GlobalOnMac = 8;
    private const int Serialized = 2;
    private const int TextLength = 8192;

    private readonly nint _handle;
    private readonly MpiHandles _objects;
    private readonly delegate* unmanaged<nint, nint, int, nint, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged<nint, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged<nint, int> _barrier;
    private readonly delegate* unmanaged<nint, int, int> _abort;

    private MpiLibrary(string path, nint handle)
    {
        Path = path;
        _handle = handle;
        try
        {
            _objects = MpiHandles.Of(handle);
            _allReduce = (delegate* unmanaged<nint, nint, int, nint, nint, nint, int>)Export("MPI_Allreduce");
            _broadcast = (delegate* unmanaged<nint, int, nint, int, nint, int>)Export("MPI_Bcast");
            _barrier = (delegate* unmanaged<nint, int>)Export("MPI_Barrier");
            _abort = (delegate* unmanaged<nint, int, int>)Export("MPI_Abort");
            Version = ReadVersion();
        }
        catch (EntryPointNotFoundException exception)
        {
            throw new MpiException(
                MpiFault.LibraryUnknown,
                new Problem(
                    nameof(MpiOptions.Library),
                    $"'{path}', which lacks what MPI libraries export ({exception.Message.TrimEnd('.')})",
                    "a library of Open MPI, MPICH, Intel MPI, MVAPICH or MS-MPI",
                    "Name the MPI library itself"),
                exception);
        }
    }

    /// <summary>The path or name that it was loaded by.</summary>
    public string Path { get; }

    /// <summary>The family: Open MPI, MPICH or MS-MPI.</summary>
    public string Kind => _objects.Kind;

    /// <summary>What the library says of itself, one line.</summary>
    public string Version { get; }

    /// <summary>Loads a library by its name, or the first of several.</summary>
    /// <exception cref="MpiException">There is none, or it is no MPI library.</exception>
    public static MpiLibrary Load(string? name, IReadOnlyList<string> candidates)
    {
        var failures = new List<string>();
        foreach (string candidate in name is null ? candidates : [name])
        {
            if (Open(candidate, out string failure) is not 0 and nint handle)
            {
                return new MpiLibrary(candidate, handle);
            }

            failures.Add($"{candidate} ({failure})");
        }

        throw new MpiException(
            MpiFault.LibraryMissing,
            new Problem(
                nameof(MpiOptions.Library),
                $"no library that can be loaded: {string.Join("; ", failures)}",
                "the MPI library of the machine",
                $"Install Open MPI or MPICH (Debian: openmpi-bin or mpich), or name the library in MpiOptions.Library or "
                    + $"{MpiOptions.LibraryVariable}"));
    }

    public bool IsInitialized() => Flag("MPI_Initialized");

    public bool IsFinalized() => Flag("MPI_Finalized");

    /// <summary>Initialises MPI for calls from any thread, one at a time.</summary>
    /// <returns>Whether the library can do that.</returns>
    public bool Initialize()
    {
        int provided;
        var call = (delegate* unmanaged<int*, byte***, int, int*, int>)Export("MPI_Init_thread");
        Check("MPI_Init_thread", call(null, null, Serialized, &provided));
        var handler = (delegate* unmanaged<nint, nint, int>)Export("MPI_Comm_set_errhandler");
        Check("MPI_Comm_set_errhandler", handler(_objects.World, _objects.ErrorsReturn));
        return provided >= Serialized;
    }

    public int Rank() => Number("MPI_Comm_rank");

    public int Size() => Number("MPI_Comm_size");

    public void Sum(Span<float> values)
    {
        fixed (float* address = values)
        {
            Reduce((nint)address, values.Length, _objects.Float, _objects.Sum);
        }
    }

    public void Sum(Span<double> values)
    {
        fixed (double* address = values)
        {
            Reduce((nint)address, values.Length, _objects.Double, _objects.Sum);
        }
    }

    public void Sum(Span<long> values)
    {
        fixed (long* address = values)
        {
            Reduce((nint)address, values.Length, _objects.Long, _objects.Sum);
        }
    }

    public void Maximum(Span<double> values)
    {
        fixed (double* address = values)
        {
            Reduce((nint)address, values.Length, _objects.Double, _objects.Maximum);
        }
    }

    public void Broadcast(Span<byte> bytes, int root)
    {
        fixed (byte* address = bytes)
        {
            Check("MPI_Bcast", _broadcast((nint)address, bytes.Length, _objects.Byte, root, _objects.World));
        }
    }

    public void Barrier() => Check("MPI_Barrier", _barrier(_objects.World));

    /// <summary>Ends all processes. May return, where the library cannot do it from this thread.</summary>
    public void Abort(int exitCode) => _ = _abort(_objects.World, exitCode);

    public void FinalizeAll()
    {
        var call = (delegate* unmanaged<int>)Export("MPI_Finalize");
        Check("MPI_Finalize", call());
    }

    private static nint Open(string name, out string failure)
    {
        failure = "not found";
        if (OperatingSystem.IsWindows())
        {
            return NativeLibrary.TryLoad(name, out nint handle) ? handle : 0;
        }

        // UCX, which MPICH may be built on, would take over the signals by which .NET finds null references.
        _ = OperatingSystem.IsLinux() ? SetVariable("UCX_ERROR_SIGNALS", "", 0) : 0;

        // Open MPI's plug-ins look for the library's symbols among the global ones.
        nint opened = OpenShared(name, Now | (OperatingSystem.IsMacOS() ? GlobalOnMac : GlobalOnLinux));
        if (opened == 0)
        {
            failure = Marshal.PtrToStringUTF8(OpenError()) ?? failure;
        }

        return opened;
    }

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenOnLinux(string path, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint ErrorOnLinux();

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libSystem.dylib", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenOnMac(string path, int flags);

    [LibraryImport("libSystem.dylib", EntryPoint = "dlerror")]
    private static partial nint ErrorOnMac();

    private static nint OpenShared(string path, int flags) => OperatingSystem.IsMacOS() ? OpenOnMac(path, flags) : OpenOnLinux(path, flags);

    private static nint OpenError() => OperatingSystem.IsMacOS() ? ErrorOnMac() : ErrorOnLinux();

    private nint Export(string name) => NativeLibrary.GetExport(_handle, name);

    private void Reduce(nint address, int count, nint type, nint operation)
    {
        if (count > 0)
        {
            Check("MPI_Allreduce", _allReduce(_objects.InPlace, address, count, type, operation, _objects.World));
        }
    }

    private bool Flag(string name)
    {
        int value;
        Check(name, ((delegate* unmanaged<int*, int>)Export(name))(&value));
        return value != 0;
    }

    private int Number(string name)
    {
        int value;
        Check(name, ((delegate* unmanaged<nint, int*, int>)Export(name))(_objects.World, &value));
        return value;
    }

    private string ReadVersion()
    {
        byte[] text = new byte[TextLength];
        int length;
        fixed (byte* address = text)
        {
            _ = ((delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_library_version"))(address, &length);
        }

        string version = Encoding.UTF8.GetString(text.AsSpan(0, Math.Clamp(length, 0, TextLength))).TrimEnd('\0');
        return string.Join(' ', version.Split(['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries).Take(6)).TrimEnd(',');
    }

    private void Check(string call, int code)
    {
        if (code == 0)
        {
            return;
        }

        byte[] text = new byte[TextLength];
        int length;
        fixed (byte* address = text)
        {
            _ = ((delegate* unmanaged<int, byte*, int*, int>)Export("MPI_Error_string"))(code, address, &length);
        }

        throw new MpiException(
            MpiFault.Call,
            new Problem(
                call,
                $"error {code}: {Encoding.UTF8.GetString(text.AsSpan(0, Math.Clamp(length, 0, TextLength))).TrimEnd('\0').Trim()}",
                "no error",
                "Look at what MPI wrote, and whether all machines are up and reach one another"));
    }
}
