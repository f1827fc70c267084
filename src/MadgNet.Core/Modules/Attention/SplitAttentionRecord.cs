using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>The attention of one <see cref="SplitAttention"/> over its radix splits.</summary>
public sealed class SplitAttentionRecord : AttentionRecord
{
    internal SplitAttentionRecord(string path, Tensor weights)
        : base(path, weights)
    {
        Weights = weights;
    }

    /// <summary>The weight of every split and channel, N×radix×C; over the splits they sum to one (for a radix of two or more).</summary>
    public Tensor Weights { get; }
}
