using MadgNet.Core.Modules.Decoding;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Recording;

/// <summary>
/// The maps of one <see cref="SubDecoder"/> at low resolution: the forward stream of an
/// <see cref="EnsembleSubDecoder"/>, before the backward stream couples them, or the bare heads of another.
/// </summary>
public sealed class SubDecoderRecord : AttentionRecord
{
    /// <summary>Creates a record of copies that <see cref="AttentionRecorder.Keep"/> made.</summary>
    /// <param name="path">Where the sub-decoder stands: <see cref="AttentionRecorder.Path"/>.</param>
    /// <param name="region">Region logits N×n×h×w.</param>
    /// <param name="distance">Distance logits; null where there are none.</param>
    /// <param name="boundary">Boundary logits; null where there are none.</param>
    public SubDecoderRecord(string path, Tensor region, Tensor? distance = null, Tensor? boundary = null)
        : base(path, [.. new[] { region, distance, boundary }.OfType<Tensor>()])
    {
        Region = region;
        Distance = distance;
        Boundary = boundary;
    }

    /// <summary>r, the region logits, N×n×h×w; in the ensemble σ(r) gates the distance.</summary>
    public Tensor Region { get; }

    /// <summary>
    /// d, the distance logits, N×n×h×w; gated by σ(r) in the ensemble, where σ(d) gates the boundary; null where there are none.
    /// </summary>
    public Tensor? Distance { get; }

    /// <summary>b, the boundary logits, N×n×h×w; gated by σ(d) in the ensemble; null where there are none.</summary>
    public Tensor? Boundary { get; }
}
