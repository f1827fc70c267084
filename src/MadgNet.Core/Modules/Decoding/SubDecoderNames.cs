using MadgNet.Core.Modules.Decoding;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>The names of this library's sub-decoders in files, registries and options.</summary>
public static class SubDecoderNames
{
    /// <summary>Tasks that correct each other: <see cref="EnsembleSubDecoder"/>. The published choice.</summary>
    public const string Ensemble = "ensemble";

    /// <summary>Three independent heads: <see cref="ParallelSubDecoder"/>.</summary>
    public const string Parallel = "parallel";

    /// <summary>The region alone: <see cref="RegionSubDecoder"/>.</summary>
    public const string Region = "region";
}
