namespace MadgNet.Core.Training.Precision;

/// <summary>How images and convolution weights lie in memory. Changes speed and the last bits of results, no shapes.</summary>
public enum MemoryLayout
{
    /// <summary>
    /// channels_last with half precision, contiguous with float32. The difference was measured to be small on the CPU, either way by
    /// network and size, and not measured on CUDA.
    /// </summary>
    Auto,

    /// <summary>N×C×H×W, the usual one.</summary>
    Contiguous,

    /// <summary>N×H×W×C in memory under the shape N×C×H×W.</summary>
    ChannelsLast,
}
