using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>The forward stream of one <see cref="EnsembleSubDecoder"/>: the three maps at low resolution, before the backward stream couples them.</summary>
public sealed class SubDecoderRecord : AttentionRecord
{
    internal SubDecoderRecord(string path, Tensor region, Tensor distance, Tensor boundary)
        : base(path, region, distance, boundary)
    {
        Region = region;
        Distance = distance;
        Boundary = boundary;
    }

    /// <summary>r, the region logits, N×n×h×w; σ(r) gates the distance.</summary>
    public Tensor Region { get; }

    /// <summary>d, the gated distance logits, N×n×h×w; σ(d) gates the boundary.</summary>
    public Tensor Distance { get; }

    /// <summary>b, the gated boundary logits, N×n×h×w.</summary>
    public Tensor Boundary { get; }
}
