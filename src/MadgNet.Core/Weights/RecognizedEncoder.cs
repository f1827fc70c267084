using System.Text.RegularExpressions;

namespace MadgNet.Core.Weights;

/// <summary>
/// What a file of weights looks like, read off its names and shapes. It is a guess for messages and defaults, not a check.
/// </summary>
/// <param name="Encoder">The name of the encoder of this library whose weights it holds; null where it is none.</param>
/// <param name="Description">What it looks like, for people.</param>
public sealed partial record RecognizedEncoder(string? Encoder, string Description)
{
    private static readonly IReadOnlyList<(BlockKind Kind, string Counts, string? Encoder, string Description)> Known =
    [
        (BlockKind.Basic, "2,2,2,2", "resnet18", "ResNet-18"),
        (BlockKind.Basic, "2,2,2,3", "resnet18_cntk", "the ResNet-18 of CNTK"),
        (BlockKind.Basic, "3,4,6,3", "resnet34", "ResNet-34"),
        (BlockKind.Bottleneck, "3,4,6,3", "resnet50", "ResNet-50"),
        (BlockKind.Bottleneck, "3,4,23,3", null, "ResNet-101"),
        (BlockKind.Bottleneck, "3,8,36,3", null, "ResNet-152"),
        (BlockKind.Res2Net, "3,4,6,3", "res2net50", "Res2Net-50"),
        (BlockKind.Res2Net, "3,4,23,3", null, "Res2Net-101"),
        (BlockKind.ResNeSt, "3,4,6,3", "resnest50", "ResNeSt-50"),
        (BlockKind.ResNeSt, "3,4,23,3", null, "ResNeSt-101"),
    ];

    private static readonly IReadOnlyList<(string Mark, string Description)> Others =
    [
        ("attn.qkv", "a vision transformer (ViT, DeiT or Swin)"),
        ("patch_embed", "a vision transformer (ViT, DeiT or Swin)"),
        ("self_attention.in_proj", "a vision transformer of torchvision"),
        ("denseblock", "a DenseNet"),
        ("dwconv", "a ConvNeXt"),
        ("conv_dw", "an EfficientNet, MobileNet or ConvNeXt"),
        ("_blocks.", "an EfficientNet"),
        ("Mixed_", "an Inception network"),
        ("features.0", "a VGG, AlexNet or MobileNet of torchvision"),
        ("inc.double_conv", "a U-Net of another library"),
    ];

    private enum BlockKind
    {
        Basic,
        Bottleneck,
        Res2Net,
        ResNeSt,
    }

    /// <summary>The names of the encoders that are recognised.</summary>
    public static IReadOnlyList<string> Encoders { get; } =
        [.. Known.Where(known => known.Encoder is not null).Select(known => known.Encoder!)];

    /// <summary>Looks at the names and shapes of a file.</summary>
    /// <param name="archive">The file; it stays open.</param>
    /// <returns>What it looks like; null where nothing is known of such names.</returns>
    public static RecognizedEncoder? Of(WeightArchive archive)
    {
        ArgumentNullException.ThrowIfNull(archive);
        Dictionary<string, TensorInfo> tensors = Residual(archive);
        return tensors.Count > 0 ? OfResidual(tensors) : OfMarks(archive);
    }

    /// <summary>
    /// The tensors from the segment <c>layerN</c> on, and those of the stem, without what stands before; of the prefix that most have.
    /// </summary>
    private static Dictionary<string, TensorInfo> Residual(WeightArchive archive)
    {
        string? prefix = archive.Names
            .Select(name => Layer().Match(name))
            .Where(match => match.Success)
            .GroupBy(match => match.Groups["prefix"].Value, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .FirstOrDefault()?.Key;
        return prefix is null
            ? []
            : archive.Names
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(name => name[prefix.Length..], name => archive.Tensors[name], StringComparer.Ordinal);
    }

    private static RecognizedEncoder OfResidual(Dictionary<string, TensorInfo> tensors)
    {
        int[] counts =
        [
            .. Enumerable.Range(1, 4).Select(layer => tensors.Keys
                .Select(name => Layer().Match(name))
                .Where(match => match.Success && match.Groups["layer"].Value[0] - '0' == layer)
                .Select(match => int.Parse(match.Groups["block"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) + 1)
                .DefaultIfEmpty(0)
                .Max()),
        ];
        BlockKind kind = tensors.ContainsKey("layer1.0.convs.0.weight")
            ? BlockKind.Res2Net
            : tensors.ContainsKey("layer1.0.conv2.conv.weight")
                ? BlockKind.ResNeSt
                : tensors.ContainsKey("layer1.0.conv3.weight") ? BlockKind.Bottleneck : BlockKind.Basic;
        string text = string.Join(',', counts);
        (BlockKind Kind, string Counts, string? Encoder, string Description) known =
            Known.FirstOrDefault(candidate => candidate.Kind == kind && candidate.Counts == text);
        if (known.Description is null)
        {
            return new RecognizedEncoder(null, $"a residual network of {text.Replace(",", ", ", StringComparison.Ordinal)} blocks");
        }

        bool deep = tensors.ContainsKey("conv1.0.weight");
        if (tensors.Keys.Any(name => name.Contains(".se.", StringComparison.Ordinal)))
        {
            return new RecognizedEncoder(null, $"{known.Description} with squeeze and excitation");
        }

        if (kind == BlockKind.Bottleneck
            && tensors.TryGetValue("layer1.0.conv2.weight", out TensorInfo? middle)
            && middle.Shape is [var width, var input, ..]
            && (width != 64 || input != 64))
        {
            return new RecognizedEncoder(null, input < width ? "a ResNeXt" : "a Wide ResNet");
        }

        return kind is BlockKind.Basic or BlockKind.Bottleneck && deep
            ? new RecognizedEncoder(null, $"{known.Description} with a stem of three convolutions")
            : new RecognizedEncoder(known.Encoder, known.Description);
    }

    private static RecognizedEncoder? OfMarks(WeightArchive archive)
    {
        foreach ((string mark, string description) in Others)
        {
            if (archive.Names.Any(name => name.Contains(mark, StringComparison.Ordinal)))
            {
                return new RecognizedEncoder(null, description);
            }
        }

        return null;
    }

    [GeneratedRegex(@"^(?<prefix>(?:[^.]+\.)*?)layer(?<layer>[1-4])\.(?<block>\d{1,3})\.")]
    private static partial Regex Layer();
}
