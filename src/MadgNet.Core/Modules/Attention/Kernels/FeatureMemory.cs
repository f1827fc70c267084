using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The memory of a dense N×C×H×W map on the CPU, in float32 or bfloat16, with a channel's pixels next to each other or the
/// channels of a pixel. Valid as long as the tensor that it was taken of.
/// </summary>
internal readonly unsafe struct FeatureMemory
{
    private FeatureMemory(Tensor dense, bool channelsLast)
    {
        (Batch, Channels, Height, Width) = ((int)dense.size(0), (int)dense.size(1), (int)dense.size(2), (int)dense.size(3));
        (ChannelsLast, Half) = (channelsLast, dense.dtype == ScalarType.BFloat16);
        using Tensor? row = channelsLast ? dense.permute(0, 2, 3, 1) : null;

        // Native memory: nothing has to be pinned.
        fixed (byte* first = (row ?? dense).bytes)
        {
            Data = (nint)first;
        }
    }

    /// <summary>Where the first value lies.</summary>
    public nint Data { get; }

    /// <summary>N.</summary>
    public int Batch { get; }

    /// <summary>C.</summary>
    public int Channels { get; }

    /// <summary>H.</summary>
    public int Height { get; }

    /// <summary>W.</summary>
    public int Width { get; }

    /// <summary>Whether the channels of a pixel lie next to each other.</summary>
    public bool ChannelsLast { get; }

    /// <summary>Whether the values are bfloat16 instead of float32.</summary>
    public bool Half { get; }

    /// <summary>H·W.</summary>
    public int Area => Height * Width;

    /// <summary>Whether a tensor's memory can be worked on, once it is dense.</summary>
    public static bool CanHold(Tensor map) =>
        map.device_type == DeviceType.CPU && map.dtype is ScalarType.Float32 or ScalarType.BFloat16
        && map.dim() == 4 && map.numel() is > 0 and <= int.MaxValue / sizeof(float);

    /// <summary>Whether the channels of a pixel lie next to each other, and not the pixels of a channel.</summary>
    public static bool IsChannelsLast(Tensor map)
    {
        using Tensor row = map.permute(0, 2, 3, 1);
        return !map.is_contiguous() && row.is_contiguous();
    }

    /// <summary>The map itself where it is dense in the given order, else a copy that is. In the caller's scope.</summary>
    public static Tensor Dense(Tensor map, bool channelsLast) =>
        !channelsLast ? map.contiguous() : IsChannelsLast(map) ? map : Foundation.ChannelsLast.Of(map);

    /// <summary>The memory of a map that <see cref="Dense"/> gave for this order.</summary>
    public static FeatureMemory Of(Tensor dense, bool channelsLast) => new(dense, channelsLast);
}
