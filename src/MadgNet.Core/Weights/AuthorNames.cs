using System.Text.RegularExpressions;

namespace MadgNet.Core.Weights;

/// <summary>
/// The names of the authors' state dict, in one place. Most parts of the network are registered under these names
/// directly; where this library's structure differs from the authors', the name is translated here.
/// </summary>
internal static partial class AuthorNames
{
    public const string Backbone = "feature_encoding";
    public const string SkipConnection = "skip_connection";
    public const string DecoderStage = "decoder_stage";
    public const string SubDecoder = "sub_decoder_stage";
    public const string AttentionBlock = "attention_layer";
    public const string RegionHead = "output_map_conv";
    public const string DistanceHead = "output_distance_conv";
    public const string BoundaryHead = "output_boundary_conv";
    public const string ScaleBranches = "multi_scale_branches";
    public const string ScaleProjections = "multi_frequency_branches_conv2";

    /// <summary>This library's name; the authors' wraps every channel attention in a list of one (<c>….{s}.0.…</c>).</summary>
    public const string ChannelAttention = "multi_frequency_branches";

    /// <summary>This library's name; the authors keep gate, α and β of the scales in three separate lists.</summary>
    public const string SpatialAttention = "spatial_attention";

    /// <summary>What the names of the backbone's tensors start with in the state dict of a whole network.</summary>
    public const string BackbonePrefix = Backbone + ".";

    public const string ConstantPrefix = "dct_weight_";
    private const string BatchCounter = "num_batches_tracked";

    private static readonly IReadOnlyList<string> NetworkParts = [BackbonePrefix, SkipConnection, DecoderStage, SubDecoder];
    private static readonly IReadOnlyList<string> Wrappers = ["module.", "_orig_mod."];

    /// <summary>The authors' name of a tensor inside an MFMSA block, from the name that this library's structure gives it.</summary>
    public static string OfAttentionBlock(string name)
    {
        if (name.StartsWith(ChannelAttention + ".", StringComparison.Ordinal))
        {
            return ChannelAttentionName().Replace(name, "$1.$2.0.$3");
        }

        Match spatial = SpatialAttentionName().Match(name);
        if (!spatial.Success)
        {
            return name;
        }

        string scale = spatial.Groups[1].Value;
        return spatial.Groups[2].Value switch
        {
            "alpha" => $"alpha_list.{scale}",
            "beta" => $"beta_list.{scale}",
            _ => $"multi_frequency_branches_conv1.{scale}.0.weight",
        };
    }

    /// <summary>Whether a name begins as those of a whole network's tensors do.</summary>
    public static bool IsOfNetwork(string name) => NetworkParts.Any(part => name.StartsWith(part, StringComparison.Ordinal));

    /// <summary>
    /// Whether the tensor is one of the DCT basis images that the authors' code registers as buffers, F copies a
    /// channel: they follow from the configuration and are computed here.
    /// </summary>
    public static bool IsConstant(string name) => LastPart(name).StartsWith(ConstantPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether the tensor counts the batches that a BatchNorm has seen: of no account for a fixed momentum, and absent
    /// from files that PyTorch wrote before 0.4.1.
    /// </summary>
    public static bool IsBatchCounter(string name) => LastPart(name) is BatchCounter;

    /// <summary>Takes off what DataParallel and torch.compile put before every name, where every name has it.</summary>
    public static IReadOnlyList<string> StripWrappers(IReadOnlyList<string> names)
    {
        // DataParallel around a compiled model around DataParallel is as deep as it gets; a hostile name could go on.
        const int MaximumDepth = 4;
        for (int depth = 0; depth < MaximumDepth && names.Count > 0; depth++)
        {
            if (Wrappers.FirstOrDefault(wrapper => names.All(name => name.StartsWith(wrapper, StringComparison.Ordinal))) is not { } common)
            {
                break;
            }

            names = [.. names.Select(name => name[common.Length..])];
        }

        return names;
    }

    private static ReadOnlySpan<char> LastPart(string name) => name.AsSpan(name.LastIndexOf('.') + 1);

    [GeneratedRegex(@"^(multi_frequency_branches)\.(\d+)\.(fc\..+)$")]
    private static partial Regex ChannelAttentionName();

    [GeneratedRegex(@"^spatial_attention\.(\d+)\.(alpha|beta|gate\.weight)$")]
    private static partial Regex SpatialAttentionName();
}
