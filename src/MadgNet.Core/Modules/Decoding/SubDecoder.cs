using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Decoding;

/// <summary>
/// Turns the features of a decoder stage into logits at input resolution: N×C×h×w → maps N×n×(h·k)×(w·k), the region's and, where
/// the sub-decoder has them, the distance's and the boundary's. Of this library: <see cref="EnsembleSubDecoder"/>,
/// <see cref="ParallelSubDecoder"/> and <see cref="RegionSubDecoder"/>; derive from it for one of your own.
/// </summary>
/// <remarks>A derived class ends its constructor with <c>RegisterComponents()</c>.</remarks>
public abstract class SubDecoder : Module<Tensor, TaskMaps>
{
    /// <summary>The authors' name of the convolution that makes the region's map.</summary>
    public const string RegionHeadName = "output_map_conv";

    /// <summary>The authors' name of the convolution that makes the distance's map.</summary>
    public const string DistanceHeadName = "output_distance_conv";

    /// <summary>The authors' name of the convolution that makes the boundary's map.</summary>
    public const string BoundaryHeadName = "output_boundary_conv";

    /// <summary>Creates the base of a sub-decoder.</summary>
    /// <param name="name">The name of the class, for messages.</param>
    /// <param name="channels">C, the channels of the features; 1 or more.</param>
    /// <param name="labels">n, the labels; 1 or more.</param>
    /// <param name="upscale">k, by how much the maps are larger than the features; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    protected SubDecoder(string name, long channels, int labels, int upscale)
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
    }

    /// <summary>C, the channels of the features.</summary>
    public long Channels { get; }

    /// <summary>n, the labels; one independent map each.</summary>
    public int Labels { get; }

    /// <summary>k, by how much the maps are larger than the features.</summary>
    public int Upscale { get; }

    /// <summary>Whether it predicts distance and boundary beside the region.</summary>
    public abstract bool HasAuxiliaryMaps { get; }

    /// <summary>Predicts the maps.</summary>
    /// <param name="input">Features N×C×h×w.</param>
    /// <returns>Logits, each N×n×(h·k)×(w·k); no distance and boundary where <see cref="HasAuxiliaryMaps"/> is false. The caller owns
    /// them.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×h×w with the constructed C, or of another type or device than the
    /// weights.</exception>
    public abstract override TaskMaps forward(Tensor input);

    /// <summary>
    /// Predicts the maps and records the low-resolution maps before they are combined, as a <see cref="SubDecoderRecord"/>.
    /// </summary>
    /// <param name="input">Features N×C×h×w.</param>
    /// <param name="recorder">Receives the record.</param>
    /// <returns>As for <see cref="forward"/>.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public TaskMaps ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <summary>
    /// Predicts the region alone. By default all maps are predicted, by <c>call</c>, and the others are dropped; a sub-decoder
    /// whose region needs less computes less.
    /// </summary>
    /// <param name="input">Features N×C×h×w.</param>
    /// <returns>Region logits N×n×(h·k)×(w·k). The caller owns them.</returns>
    /// <exception cref="TensorShapeException">As for <see cref="forward"/>.</exception>
    public virtual Tensor PredictRegion(Tensor input)
    {
        TaskMaps maps = call(input);
        maps.Distance?.Dispose();
        maps.Boundary?.Dispose();
        return maps.Region;
    }

    /// <summary>The region logits alone, in the form that only predicts: single precision at the output's resolution.</summary>
    internal virtual IFolded FoldRegion(ScalarType type) => new FoldedSubDecoder(this);

    /// <summary>U: bilinear interpolation by k with aligned corners, as the published network's.</summary>
    /// <param name="map">A map N×n×h×w.</param>
    /// <returns>N×n×(h·k)×(w·k); the map itself where k is 1.</returns>
    protected Tensor Enlarge(Tensor map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Layers.Resize(map, map.size(2) * Upscale, map.size(3) * Upscale, alignCorners: true);
    }

    /// <summary>The folded form of a single region head.</summary>
    private protected sealed class FoldedHead(FoldedConvolution head, int upscale) : IFolded
    {
        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor map = head.Run(input).to(ScalarType.Float32).contiguous();
            return Layers.Resize(map, map.size(2) * upscale, map.size(3) * upscale, alignCorners: true).MoveToOuterDisposeScope();
        }

        public void Dispose() => head.Dispose();
    }

    /// <summary>A sub-decoder of your own as it is, in its own type; it must live as long.</summary>
    private sealed class FoldedSubDecoder(SubDecoder module) : IFolded
    {
        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            TorchSharp.Modules.Parameter? weight = module.parameters().FirstOrDefault();
            Tensor features = weight is null ? input : input.to(weight.dtype);
            return module.PredictRegion(features).to(ScalarType.Float32).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            // The module belongs to the host.
        }
    }
}
