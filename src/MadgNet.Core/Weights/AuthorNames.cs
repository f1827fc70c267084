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

    [GeneratedRegex(@"^(multi_frequency_branches)\.(\d+)\.(fc\..+)$")]
    private static partial Regex ChannelAttentionName();

    [GeneratedRegex(@"^spatial_attention\.(\d+)\.(alpha|beta|gate\.weight)$")]
    private static partial Regex SpatialAttentionName();
}
