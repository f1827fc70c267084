using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>The spatial attention of one <see cref="MultiScaleSpatialAttention"/>, that is of one scale.</summary>
public sealed class SpatialAttentionRecord : AttentionRecord
{
    internal SpatialAttentionRecord(string path, Tensor foreground, double alpha, double beta)
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
