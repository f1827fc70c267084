namespace MadgNet.Core.Modules.Decoding;

/// <summary>The two sub-decoders of the paper's ablation.</summary>
public enum SubDecoderKind
{
    /// <summary>Tasks that correct each other: <see cref="EnsembleSubDecoder"/>. The published choice.</summary>
    Ensemble,

    /// <summary>Three independent heads: <see cref="ParallelSubDecoder"/>.</summary>
    Parallel,
}
