using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

/// <summary>The attention of one <see cref="SplitAttention"/> over its radix splits.</summary>
public sealed class SplitAttentionRecord : AttentionRecord
{
    /// <summary>Creates a record of a copy that <see cref="AttentionRecorder.Keep"/> made.</summary>
    /// <param name="path">Where the block stands: <see cref="AttentionRecorder.Path"/>.</param>
    /// <param name="weights">N×radix×C.</param>
    public SplitAttentionRecord(string path, Tensor weights)
        : base(path, weights)
    {
        Weights = weights;
    }

    /// <summary>The weight of every split and channel, N×radix×C; over the splits they sum to one (for a radix of two or more).</summary>
    public Tensor Weights { get; }
}
