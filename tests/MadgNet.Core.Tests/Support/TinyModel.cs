using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Tests.Support;

/// <summary>A whole network that is small enough to be trained within a test: two stages of eight channels on a tiny encoder.</summary>
internal static class TinyModel
{
    public static readonly FeatureLevel[] Levels = [new(4, 2), new(6, 4), new(8, 8)];

    public static MadgNetOptions Options { get; } = new()
    {
        Encoder = EncoderNames.Custom,
        SkipChannels = 4,
        DecoderChannels = [8, 8],
        DctSizes = [7, 7],
        Attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 2, MinimumChannels = 4, MinimumResolution = 2 },
    };

    public static MadgNetModel Create(long seed = 0, MadgNetOptions? options = null) =>
        new(options ?? Options, new TinyEncoder((options ?? Options).Input.Channels, Levels), seed);
}
