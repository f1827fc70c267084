namespace MadgNet.Core.Training;

/// <summary>How images and convolution weights lie in memory. Changes speed and the last bits of results, no shapes.</summary>
public enum MemoryLayout
{
    /// <summary>What was measured to be faster for the device and precision.</summary>
    Auto,

    /// <summary>N×C×H×W, the usual one.</summary>
    Contiguous,

    /// <summary>N×H×W×C in memory under the shape N×C×H×W.</summary>
    ChannelsLast,
}
