using System.Text.RegularExpressions;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// The names of the parts of a <see cref="MultiFrequencyMultiScaleAttention"/>, and how the authors' code names their tensors.
/// </summary>
public static partial class MultiFrequencyMultiScaleNames
{
    /// <summary>The convolution of each scale, with the scale behind it, from 0; the authors' name.</summary>
    public const string Branches = "multi_scale_branches";

    /// <summary>The convolution after the attention of each scale; the authors' name.</summary>
    public const string Projections = "multi_frequency_branches_conv2";

    /// <summary>The channel attention of each scale; the authors' code wraps each in a list of one (<c>….{s}.0.…</c>).</summary>
    public const string ChannelAttention = "multi_frequency_branches";

    /// <summary>The spatial attention of each scale; the authors' code keeps gate, α and β of the scales in three separate lists.</summary>
    public const string SpatialAttention = "spatial_attention";

    /// <summary>The authors' name of a tensor inside the block, from the name that this library's structure gives it.</summary>
    internal static string OfAuthors(string name)
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
