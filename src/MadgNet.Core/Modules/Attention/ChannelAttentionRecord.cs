using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>The channel attention of one <see cref="MultiFrequencyChannelAttention"/>: its frequency statistics and the weights that follow from them.</summary>
public sealed class ChannelAttentionRecord : AttentionRecord
{
    internal ChannelAttentionRecord(string path, Tensor average, Tensor maximum, Tensor minimum, Tensor weights)
        : base(path, average, maximum, minimum, weights)
    {
        Average = average;
        Maximum = maximum;
        Minimum = minimum;
        Weights = weights;
    }

    /// <summary>The spatial average of <c>x·B_f</c>, N×C×F.</summary>
    public Tensor Average { get; }

    /// <summary>The spatial maximum of <c>x·B_f</c>, N×C×F.</summary>
    public Tensor Maximum { get; }

    /// <summary>The spatial minimum of <c>x·B_f</c>, N×C×F.</summary>
    public Tensor Minimum { get; }

    /// <summary>The weight of every channel, N×C, 0..1.</summary>
    public Tensor Weights { get; }
}
