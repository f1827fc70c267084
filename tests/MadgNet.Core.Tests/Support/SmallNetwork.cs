using MadgNet.Core.Modules;

namespace MadgNet.Core.Tests.Support;

/// <summary>Whole networks that build and run in milliseconds.</summary>
internal static class SmallNetwork
{
    /// <summary>Options with two decoder stages for the encoder of <see cref="Levels"/>.</summary>
    public static readonly MadgNetOptions Options = new()
    {
        Backbone = BackboneKind.Custom,
        DecoderChannels = [10, 6],
        SkipChannels = 5,
        Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 3, DctSize = 7, MinChannels = 4, MinResolution = 4 },
    };

    /// <summary>Three levels, the deepest at a quarter of the resolution.</summary>
    public static FeatureLevel[] Levels => [new(4, 1), new(6, 2), new(8, 4)];

    /// <summary>A network in training mode.</summary>
    public static MadgNetModel Create(MadgNetOptions? options = null, TinyBackbone? backbone = null) =>
        new(options ?? Options, backbone ?? new TinyBackbone(Levels));
}
