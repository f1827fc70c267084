using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Weights;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>A sub-decoder with a head, a 1×1 convolution, for each of the three tasks of the paper.</summary>
public abstract class MultiTaskSubDecoder : SubDecoder
{
    [ComponentName(Name = AuthorNames.RegionHead)]
    private readonly Conv2d _region;

    [ComponentName(Name = AuthorNames.DistanceHead)]
    private readonly Conv2d _distance;

    [ComponentName(Name = AuthorNames.BoundaryHead)]
    private readonly Conv2d _boundary;

    private protected MultiTaskSubDecoder(string name, long channels, int labels, int upscale)
        : base(name, channels, labels, upscale)
    {
        _region = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        _distance = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        _boundary = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override bool HasAuxiliaryMaps => true;

    /// <inheritdoc/>
    public override TaskMaps forward(Tensor input)
    {
        CheckInput(input);
        using DisposeScope scope = NewDisposeScope();
        (Tensor region, Tensor distance, Tensor boundary) = Heads(input);
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new SubDecoderRecord(
                recorder.Path,
                AttentionRecorder.Keep(region),
                AttentionRecorder.Keep(distance),
                AttentionRecorder.Keep(boundary)));
        }

        (region, distance, boundary) = Combine(Enlarge(region), Enlarge(distance), Enlarge(boundary));
        scope.MoveToOuter(region, distance, boundary);
        return new TaskMaps(region, distance, boundary);
    }

    private protected void CheckInput(Tensor input) => Guard.FeatureMap(input, Channels, GetName(), _region.weight);

    private protected FoldedConvolution FoldRegionHead(ScalarType type) => new(_region, null, rectify: false, type);

    /// <summary>The three heads as one convolution: region, distance and boundary one behind the other.</summary>
    private protected FoldedConvolution FoldHeads(ScalarType type) => new([_region, _distance, _boundary], null, rectify: false, type);

    private protected Tensor RegionHead(Tensor input) => _region.call(input);

    private protected Tensor DistanceHead(Tensor input) => _distance.call(input);

    private protected Tensor BoundaryHead(Tensor input) => _boundary.call(input);

    /// <summary>The three maps at low resolution.</summary>
    private protected abstract (Tensor Region, Tensor Distance, Tensor Boundary) Heads(Tensor input);

    /// <summary>The three outputs, from the enlarged maps.</summary>
    private protected abstract (Tensor Region, Tensor Distance, Tensor Boundary) Combine(Tensor region, Tensor distance, Tensor boundary);
}
