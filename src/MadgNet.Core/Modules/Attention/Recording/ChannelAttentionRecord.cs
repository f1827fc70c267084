using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

/// <summary>
/// The channel attention of one <see cref="StatisticalChannelAttention"/>: the statistics of every channel and the weights that
/// follow from them.
/// </summary>
public sealed class ChannelAttentionRecord : AttentionRecord
{
    /// <summary>Creates a record of copies that <see cref="AttentionRecorder.Keep"/> made.</summary>
    /// <param name="path">Where the block stands: <see cref="AttentionRecorder.Path"/>.</param>
    /// <param name="weights">N×C.</param>
    /// <param name="statistics">Copies of the statistics, each N×C×F.</param>
    /// <param name="size">D, the size that the map was pooled to; 0 where it was not.</param>
    /// <param name="frequencies">The vertical and horizontal index of the F frequencies; empty where the statistics have none.</param>
    public ChannelAttentionRecord(
        string path, Tensor weights, ChannelStatistics statistics, int size = 0, IReadOnlyList<(int U, int V)>? frequencies = null)
        : base(path, [weights, .. statistics.Given])
    {
        Weights = weights;
        (Average, Maximum, Minimum) = (statistics.Average, statistics.Maximum, statistics.Minimum);
        Size = size;
        Frequencies = frequencies ?? [];
    }

    /// <summary>The spatial average, N×C×F: of <c>x·B_f</c> in the published attention, of the subband f of a wavelet packet.</summary>
    public Tensor Average { get; }

    /// <summary>The spatial maximum, N×C×F; null where the attention has none.</summary>
    public Tensor? Maximum { get; }

    /// <summary>The spatial minimum, N×C×F; null where the attention has none.</summary>
    public Tensor? Minimum { get; }

    /// <summary>The weight of every channel, N×C, 0..1.</summary>
    public Tensor Weights { get; }

    /// <summary>D, the size that the map was pooled to; 0 where it was not.</summary>
    public int Size { get; }

    /// <summary>
    /// The vertical (u) and horizontal (v) index of every frequency, in the order of the statistics; empty where they have none.
    /// </summary>
    public IReadOnlyList<(int U, int V)> Frequencies { get; }
}
