using MadgNet.Core.Internal;
using MadgNet.Core.Runtime;
using MadgNet.Core.Weights;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// Turns the features of a decoder stage into region, distance and boundary logits at input resolution: N×C×h×w →
/// 3 × N×n×(h·k)×(w·k). Either an <see cref="EnsembleSubDecoder"/> or a <see cref="ParallelSubDecoder"/>.
/// </summary>
public abstract class SubDecoder : Module<Tensor, TaskMaps>
{
    [ComponentName(Name = AuthorNames.RegionHead)]
    private readonly Conv2d _region;

    [ComponentName(Name = AuthorNames.DistanceHead)]
    private readonly Conv2d _distance;

    [ComponentName(Name = AuthorNames.BoundaryHead)]
    private readonly Conv2d _boundary;

    private protected SubDecoder(string name, long channels, int labels, int upscale)
        : base(NativeRuntime.Ensured(name))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(channels), channels, 1);
        Guard.Range(problems, nameof(labels), labels, 1);
        Guard.Range(problems, nameof(upscale), upscale, 1);
        InvalidOptionsException.ThrowIfAny(name, problems);
        Channels = channels;
        Labels = labels;
        Upscale = upscale;
        _region = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        _distance = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        _boundary = Layers.Convolution(channels, labels, kernel: 1, bias: true);
        RegisterComponents();
    }

    /// <summary>C, the channels of the features.</summary>
    public long Channels { get; }

    /// <summary>n, the labels; one independent map each.</summary>
    public int Labels { get; }

    /// <summary>k, by how much the maps are larger than the features.</summary>
    public int Upscale { get; }

    /// <summary>Predicts the three maps.</summary>
    /// <param name="input">Features N×C×h×w.</param>
    /// <returns>Region, distance and boundary logits, each N×n×(h·k)×(w·k). The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×h×w with the constructed C.</exception>
    public override TaskMaps forward(Tensor input) => Run(input, null);

    /// <summary>Predicts the three maps and records the low-resolution maps before they are combined, as a <see cref="SubDecoderRecord"/>.</summary>
    /// <param name="input">Features N×C×h×w.</param>
    /// <param name="recorder">Receives the record.</param>
    /// <returns>Region, distance and boundary logits, each N×n×(h·k)×(w·k). The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×h×w with the constructed C.</exception>
    public TaskMaps ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        return Run(input, recorder);
    }

    internal TaskMaps Run(Tensor input, AttentionRecorder? recorder)
    {
        Guard.FeatureMap(input, Channels, GetName());
        using DisposeScope scope = NewDisposeScope();
        (Tensor region, Tensor distance, Tensor boundary) = Heads(input);
        recorder?.Add(new SubDecoderRecord(
            recorder.Path,
            AttentionRecorder.Keep(region),
            AttentionRecorder.Keep(distance),
            AttentionRecorder.Keep(boundary)));
        (region, distance, boundary) = Combine(Enlarge(region), Enlarge(distance), Enlarge(boundary));
        scope.MoveToOuter(region, distance, boundary);
        return new TaskMaps(region, distance, boundary);
    }

    /// <summary>The region logits alone, for prediction; computes no more of the other tasks than the region needs.</summary>
    internal abstract Tensor RunRegion(Tensor input);

    /// <summary>The region logits alone, in the form that only predicts: single precision at the output's resolution.</summary>
    internal abstract IFolded FoldRegion(ScalarType type);

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

    private protected Tensor Enlarge(Tensor map) =>
        Layers.Resize(map, map.size(2) * Upscale, map.size(3) * Upscale, alignCorners: true);
}
