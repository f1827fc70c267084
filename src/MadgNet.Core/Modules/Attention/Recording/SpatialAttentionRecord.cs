using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

/// <summary>The spatial attention of one <see cref="SpatialAttention"/>: in the published block, of one scale.</summary>
public sealed class SpatialAttentionRecord : AttentionRecord
{
    /// <summary>Creates a record of a copy that <see cref="AttentionRecorder.Keep"/> made.</summary>
    /// <param name="path">Where the block stands: <see cref="AttentionRecorder.Path"/>.</param>
    /// <param name="foreground">M, N×1×H×W, 0..1.</param>
    /// <param name="alpha">The weight of the background; 1 where there is none.</param>
    /// <param name="beta">The weight of the foreground; 1 where there is none.</param>
    public SpatialAttentionRecord(string path, Tensor foreground, double alpha, double beta)
        : base(path, foreground)
    {
        Foreground = foreground;
        Alpha = alpha;
        Beta = beta;
    }

    /// <summary>The foreground map M, N×1×H×W at the scale's resolution, 0..1; the background map is 1 − M.</summary>
    public Tensor Foreground { get; }

    /// <summary>α, the learned weight of the background.</summary>
    public double Alpha { get; }

    /// <summary>β, the learned weight of the foreground.</summary>
    public double Beta { get; }
}
