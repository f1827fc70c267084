namespace MadgNet.Core.Models;

/// <summary>
/// The names of a MADGNet's parts in its state dict, as the authors' code has them. Each block names its own parts; see
/// <see cref="Modules.Attention.MultiFrequencyMultiScaleAttention"/>, <see cref="Modules.Decoding.DecoderStage"/> and
/// <see cref="Modules.Decoding.SubDecoder"/>.
/// </summary>
public static class MadgNetNames
{
    /// <summary>The encoder.</summary>
    public const string Encoder = "feature_encoding";

    /// <summary>A skip connection, with the number of its decoder stage behind it, from 1.</summary>
    public const string SkipConnection = "skip_connection";

    /// <summary>A decoder stage, with its number behind it, from 1.</summary>
    public const string DecoderStage = "decoder_stage";

    /// <summary>A sub-decoder, with the number of its decoder stage behind it, from 1.</summary>
    public const string SubDecoder = "sub_decoder_stage";

    /// <summary>What the names of the encoder's tensors start with.</summary>
    public const string EncoderPrefix = Encoder + ".";

    private static readonly IReadOnlyList<string> Parts = [EncoderPrefix, SkipConnection, DecoderStage, SubDecoder];

    /// <summary>Whether a name begins as those of a whole network's tensors do.</summary>
    internal static bool IsOfNetwork(string name) => Parts.Any(part => name.StartsWith(part, StringComparison.Ordinal));
}
