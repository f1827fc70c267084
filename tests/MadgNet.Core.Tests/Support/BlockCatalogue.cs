using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>One of every public block, small, with inputs that it takes: what holds for all of them is tested over this list.</summary>
internal sealed record BlockCatalogue(Func<Module> Create, long[][] Shapes, Func<Module, IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> Run)
{
    private static readonly MultiFrequencyMultiScaleOptions Small = new()
    {
        Scales = 2,
        Frequencies = 3,
        MinimumChannels = 4,
        MinimumResolution = 2,
        DctSize = 7
    };

    private static readonly Dictionary<string, BlockCatalogue> All = new()
    {
        ["BatchNormalization"] = Of(() => new BatchNormalization(3), [2, 3, 5, 4]),
        ["DoubleConvolution"] = Of(() => new DoubleConvolution(3, 4), [2, 3, 5, 4]),
        ["MultiFrequencyChannelAttention"] = Of(() => new MultiFrequencyChannelAttention(5, 7, 3), [2, 5, 9, 8]),
        ["WaveletChannelAttention, haar"] = Of(() => new WaveletChannelAttention(5, 8, 6), [2, 5, 9, 8]),
        ["WaveletChannelAttention, db2"] = Of(() => new WaveletChannelAttention(5, 8, 3, WaveletFilter.Daubechies2), [2, 5, 9, 8]),
        ["SqueezeAndExcitation"] = Of(() => new SqueezeAndExcitation(5), [2, 5, 9, 8]),
        ["MultiScaleSpatialAttention"] = Of(() => new MultiScaleSpatialAttention(5), [2, 5, 9, 8]),
        ["MultiFrequencyMultiScaleAttention"] = Of(() => new MultiFrequencyMultiScaleAttention(8, Small), [2, 8, 10, 8]),
        ["MultiFrequencyMultiScaleAttention, haar"] = Of(
            () => new MultiFrequencyMultiScaleAttention(8, Small, context => context.Wavelets(WaveletFilter.Haar), null), [2, 8, 10, 8]),
        ["SplitAttention"] = Of(() => new SplitAttention(4, 6), [8, 4, 6, 5]),
        ["DecoderStage"] = Of(() => new DecoderStage(5, 3, 8, Small), [2, 5, 4, 5], [2, 3, 8, 10]),
        ["UNetDecoderLevel"] = Of(
            () => new UNetDecoderLevel(5, 3, 6, new MultiFrequencyChannelAttention(6, 7, 3), new MultiScaleSpatialAttention(6)),
            [2, 5, 4, 5],
            [2, 3, 8, 10]),
        ["EnsembleSubDecoder"] = OfMaps(() => new EnsembleSubDecoder(4, 2, 2), [2, 4, 5, 4]),
        ["ParallelSubDecoder"] = OfMaps(() => new ParallelSubDecoder(4, 2, 2), [2, 4, 5, 4]),
        ["RegionSubDecoder"] = OfMaps(() => new RegionSubDecoder(4, 2, 2), [2, 4, 5, 4]),
        ["UNetEncoder"] = OfEncoder(() => new UNetEncoder(3, 2), [2, 3, 32, 16]),
    };

    private static readonly string[] Large = ["ResNet18", "ResNet50", "ResNeSt50", "Res2Net50"];

    /// <summary>The names of the small blocks.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>The names of the small blocks and of the large encoders.</summary>
    public static TheoryData<string> NamesWithEncoders => [.. All.Keys, .. Large];

    public static BlockCatalogue Get(string name) => name switch
    {
        "ResNet18" => OfEncoder(() => new ResNetEncoder(ResNetDepth.ResNet18, inputChannels: 3), [2, 3, 32, 64]),
        "ResNet50" => OfEncoder(() => new ResNetEncoder(), [2, 3, 32, 64]),
        "ResNeSt50" => OfEncoder(() => new ResNeStEncoder(), [2, 3, 32, 64]),
        "Res2Net50" => OfEncoder(() => new Res2NetEncoder(), [2, 3, 32, 64]),
        _ => All[name],
    };

    /// <summary>The block in a type, with weights that follow from their names.</summary>
    public Module Build(ScalarType type)
    {
        Module module = Create();
        PlainLayers.Fill(module);
        return module.to(type);
    }

    /// <summary>The inputs in a type, from values that every type holds alike.</summary>
    public Tensor[] Inputs(ScalarType type) =>
    [
        .. Shapes.Select((shape, i) =>
        {
            using Tensor values = FixtureRule.Tensor($"input{i}", shape, -1, 1);
            using Tensor rounded = values.to(ScalarType.BFloat16);
            return rounded.to(type);
        }),
    ];

    private static BlockCatalogue Of(Func<Module> create, params long[][] shapes) => new(
        create,
        shapes,
        (module, inputs) =>
        [
            inputs.Count == 1
                ? ((Module<Tensor, Tensor>)module).call(inputs[0])
                : ((Module<Tensor, Tensor, Tensor>)module).call(inputs[0], inputs[1]),
        ]);

    private static BlockCatalogue OfMaps(Func<SubDecoder> create, params long[][] shapes) => new(
        create, shapes, (module, inputs) => [.. ((SubDecoder)module).call(inputs[0]).Given]);

    private static BlockCatalogue OfEncoder(Func<Module> create, params long[][] shapes) => new(
        create, shapes, (module, inputs) => ((IEncoder)module).Encode(inputs[0]));
}
