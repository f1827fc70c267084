using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>
/// Whether libtorch's autocast is on for the calling thread: there, layers take any floating-point type and cast by themselves.
/// </summary>
internal static unsafe class AutocastState
{
    private static readonly Lazy<(nint IsEnabled, nint SetEnabled)> Native = new(() => (
        LibtorchExports.Find(
            "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE", "?is_autocast_enabled@autocast@at@@YA_NW4DeviceType@c10@@@Z"),
        LibtorchExports.Find(
            "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb", "?set_autocast_enabled@autocast@at@@YAXW4DeviceType@c10@@_N@Z")));

    /// <summary>Whether it is on for a device; false where libtorch does not tell, because then nothing can have switched it on.</summary>
    public static bool IsEnabled(DeviceType device)
    {
        nint function = Native.Value.IsEnabled;
        return function != 0 && ((delegate* unmanaged[Cdecl]<int, byte>)function)((int)device) != 0;
    }

    /// <summary>Switches it off on the calling thread until the result is disposed.</summary>
    public static Suspension Suspend(DeviceType device)
    {
        if (Native.Value.SetEnabled == 0 || !IsEnabled(device))
        {
            return default;
        }

        Set(device, enabled: false);
        return new Suspension(device);
    }

    private static void Set(DeviceType device, bool enabled) =>
        ((delegate* unmanaged[Cdecl]<int, int, void>)Native.Value.SetEnabled)((int)device, enabled ? 1 : 0);

    internal readonly struct Suspension(DeviceType device) : IDisposable
    {
        private readonly bool _suspended = true;

        public void Dispose()
        {
            if (_suspended)
            {
                Set(device, enabled: true);
            }
        }
    }
}
