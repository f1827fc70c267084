using System.Runtime.InteropServices;

namespace MadgNet.Onnx;

/// <summary>
/// ONNX Runtime's telemetry. Unless it is told otherwise before it is loaded, it gives the machine a number and keeps a store of events
/// below the user's folder; its own switch, which needs it loaded, comes too late.
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Switches it off, unless the host has allowed it. Has no effect on a runtime that is loaded already.</summary>
    public static void Apply(bool allowed)
    {
        if (allowed)
        {
            return;
        }

        // .NET keeps a copy of the environment that native code does not see, but for Windows.
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetVariable(Variable, "1", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
