using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Precision;

/// <summary>
/// libtorch's autocast, which TorchSharp does not offer: while it is entered, convolutions and matrix products cast what they
/// take in to 16 bits. Reached through the C++ functions that libtorch_cpu exports on every platform, also for CUDA.
/// </summary>
/// <remarks>
/// The state belongs to the thread that enters. The order is that of Python's <c>torch.autocast</c>
/// (torch/amp/autocast_mode.py): device type, data type, nesting, and the cache of cast weights cleared when the outermost scope
/// ends. Executed on Linux x64 and the CPU; the names for Windows and macOS, where no test ran, were read off the libraries of
/// libtorch-cpu 2.10, and nothing ran on CUDA.
/// </remarks>
internal sealed unsafe class Autocast : IDisposable
{
    private static readonly Lazy<Functions?> Native = new(Functions.Find);

    private readonly Functions _functions;
    private readonly int _device;
    private readonly byte _enabled;
    private readonly sbyte _type;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _left;

    private Autocast(Functions functions, DeviceType device, ScalarType type)
    {
        _functions = functions;
        _device = (int)device;
        _enabled = functions.IsEnabled(_device);
        _type = functions.GetType(_device);
        functions.SetType(_device, (int)type);
        functions.SetEnabled(_device, 1);
        functions.IncrementNesting();
    }

    /// <summary>Whether the functions were found in the loaded libtorch.</summary>
    public static bool IsAvailable => Native.Value is not null;

    /// <summary>Enters autocast on the calling thread; leaves when disposed.</summary>
    /// <exception cref="InvalidOperationException">The functions were not found: ask <see cref="IsAvailable"/> before.</exception>
    public static Autocast Enter(DeviceType device, ScalarType type) => new(
        Native.Value
            ?? throw new InvalidOperationException(
                "The loaded libtorch does not export its autocast functions. Ask IsAvailable first, and compute in float32."),
        device,
        type);

    /// <summary>Whether autocast is on for a device on the calling thread.</summary>
    public static bool IsEnabled(DeviceType device) => Native.Value is { } functions && functions.IsEnabled((int)device) != 0;

    /// <summary>Restores what was before; a second time does nothing.</summary>
    /// <exception cref="InvalidOperationException">Another thread entered.</exception>
    public void Dispose()
    {
        if (_left)
        {
            return;
        }

        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException(
                $"A precision scope that thread {_thread} entered was disposed on thread {Environment.CurrentManagedThreadId}; "
                    + $"expected the same thread. Do not await inside the scope.");
        }

        _left = true;
        if (_functions.DecrementNesting() == 0)
        {
            _functions.ClearCache();
        }

        _functions.SetEnabled(_device, _enabled);
        _functions.SetType(_device, _type);
    }

    /// <summary>
    /// The exported functions. C++ enumerations of one byte are passed as int, whose registers every caller fills whole; what is
    /// returned is read as the one byte that is defined.
    /// </summary>
    private sealed class Functions
    {
        private readonly delegate* unmanaged[Cdecl]<int, byte> _isEnabled;
        private readonly delegate* unmanaged[Cdecl]<int, int, void> _setEnabled;
        private readonly delegate* unmanaged[Cdecl]<int, sbyte> _getType;
        private readonly delegate* unmanaged[Cdecl]<int, int, void> _setType;
        private readonly delegate* unmanaged[Cdecl]<int> _increment;
        private readonly delegate* unmanaged[Cdecl]<int> _decrement;
        private readonly delegate* unmanaged[Cdecl]<void> _clear;

        private Functions(nint[] found)
        {
            _isEnabled = (delegate* unmanaged[Cdecl]<int, byte>)found[0];
            _setEnabled = (delegate* unmanaged[Cdecl]<int, int, void>)found[1];
            _getType = (delegate* unmanaged[Cdecl]<int, sbyte>)found[2];
            _setType = (delegate* unmanaged[Cdecl]<int, int, void>)found[3];
            _increment = (delegate* unmanaged[Cdecl]<int>)found[4];
            _decrement = (delegate* unmanaged[Cdecl]<int>)found[5];
            _clear = (delegate* unmanaged[Cdecl]<void>)found[6];
        }

        /// <summary>The functions, or null where one of them is not exported.</summary>
        public static Functions? Find()
        {
            nint[] found =
            [
                LibtorchExports.Find(
                    "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE",
                    "?is_autocast_enabled@autocast@at@@YA_NW4DeviceType@c10@@@Z"),
                LibtorchExports.Find(
                    "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb",
                    "?set_autocast_enabled@autocast@at@@YAXW4DeviceType@c10@@_N@Z"),
                LibtorchExports.Find(
                    "_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE",
                    "?get_autocast_dtype@autocast@at@@YA?AW4ScalarType@c10@@W4DeviceType@4@@Z"),
                LibtorchExports.Find(
                    "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE",
                    "?set_autocast_dtype@autocast@at@@YAXW4DeviceType@c10@@W4ScalarType@4@@Z"),
                LibtorchExports.Find("_ZN2at8autocast17increment_nestingEv", "?increment_nesting@autocast@at@@YAHXZ"),
                LibtorchExports.Find("_ZN2at8autocast17decrement_nestingEv", "?decrement_nesting@autocast@at@@YAHXZ"),
                LibtorchExports.Find("_ZN2at8autocast11clear_cacheEv", "?clear_cache@autocast@at@@YAXXZ"),
            ];
            return Array.TrueForAll(found, address => address != 0) ? new Functions(found) : null;
        }

        public byte IsEnabled(int device) => _isEnabled(device);

        public void SetEnabled(int device, int enabled) => _setEnabled(device, enabled);

        public sbyte GetType(int device) => _getType(device);

        public void SetType(int device, int type) => _setType(device, type);

        public void IncrementNesting() => _ = _increment();

        public int DecrementNesting() => _decrement();

        public void ClearCache() => _clear();
    }
}
