using System.Globalization;
using MadgNet.Core.Runtime;
using TorchSharp;

namespace MadgNet.Cli.CommandLine;

/// <summary>What <c>--device</c> and <c>--threads</c> mean.</summary>
internal static class Devices
{
    public static bool IsLegal(string text) => text is "auto" or "cpu" or "cuda" || IndexOf(text) is not null;

    /// <summary>The device of that name; loads libtorch.</summary>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="InvalidOptionsException">There is no such device.</exception>
    public static torch.Device Choose(string text, int? threads)
    {
        NativeRuntime.EnsureAvailable();
        if (threads is { } count)
        {
            torch.set_num_threads(count);
        }

        bool cuda = torch.cuda.is_available();
        if (text == "cpu" || (text == "auto" && !cuda))
        {
            return torch.CPU;
        }

        int index = IndexOf(text) ?? 0;
        int devices = cuda ? torch.cuda.device_count() : 0;
        InvalidOptionsException.ThrowIfAny("--device", index < devices
            ? []
            : [new Problem(
                "--device",
                $"{text}, where there are {devices} CUDA devices",
                "a device that is available",
                "Use --device cpu, and 'madgnet info' to see what this tool can use")]);
        return new torch.Device(DeviceType.CUDA, index);
    }

    private static int? IndexOf(string text) =>
        text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : null;
}
