using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>
/// The sub-decoder that predicts the region alone: a 1×1 convolution, enlarged as in <see cref="EnsembleSubDecoder"/>. With an
/// upscale of 1 it is the head of a U-Net.
/// </summary>
/// <remarks>
/// An alternative of this library's, not a published part of MADGNet. The head's name is that of the published region head.
/// </remarks>
public sealed class RegionSubDecoder : SubDecoder
{
    [ComponentName(Name = RegionHeadName)]
    private readonly Conv2d _region;

    /// <summary>Creates the module.</summary>
    /// <param name="channels">C, the channels of the features; 1 or more.</param>
    /// <param name="labels">n, the labels; 1 or more.</param>
    /// <param name="upscale">k, by how much the maps are larger than the features; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    public RegionSubDecoder(long channels, int labels, int upscale = 1)
        : base(nameof(RegionSubDecoder), channels, labels, upscale)
    {
        _region = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override bool HasAuxiliaryMaps => false;

    /// <inheritdoc/>
    public override TaskMaps forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, Channels, nameof(RegionSubDecoder), _region.weight);
        using DisposeScope scope = NewDisposeScope();
        Tensor region = _region.call(input);
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new SubDecoderRecord(recorder.Path, AttentionRecorder.Keep(region)));
        }

        return new TaskMaps(Enlarge(region).MoveToOuterDisposeScope());
    }

    internal override IFolded FoldRegion(ScalarType type) =>
        new FoldedHead(new FoldedConvolution(_region, null, rectify: false, type), Upscale);
}
