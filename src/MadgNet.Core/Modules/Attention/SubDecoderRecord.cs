using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>
/// The three maps of one <see cref="SubDecoder"/> at low resolution: the forward stream of an
/// <see cref="EnsembleSubDecoder"/>, before the backward stream couples them, or the bare heads of a <see cref="ParallelSubDecoder"/>.
/// </summary>
public sealed class SubDecoderRecord : AttentionRecord
{
    internal SubDecoderRecord(string path, Tensor region, Tensor distance, Tensor boundary)
        : base(path, region, distance, boundary)
    {
        Region = region;
        Distance = distance;
        Boundary = boundary;
    }

    /// <summary>r, the region logits, N×n×h×w; in the ensemble σ(r) gates the distance.</summary>
    public Tensor Region { get; }

    /// <summary>d, the distance logits, N×n×h×w; gated by σ(r) in the ensemble, where σ(d) gates the boundary.</summary>
    public Tensor Distance { get; }

    /// <summary>b, the boundary logits, N×n×h×w; gated by σ(d) in the ensemble.</summary>
    public Tensor Boundary { get; }
}
