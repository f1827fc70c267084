using MadgNet.Core.Modules.Attention.Kernels;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// Multi-frequency channel attention, MFCA (paper, section 3.2, equations 2 and 3): weighs the channels of a feature map
/// by the average, maximum and minimum that its products with F DCT basis images take over space.
/// </summary>
/// <remarks>
/// Input and output are N×C×H×W. For the statistics, and only for them, the map is adaptively average-pooled to D×D when
/// it has another size. The average over the F basis images is taken of each of the three statistics; one perceptron
/// C → C/16 → C (1×1 convolutions without bias, ReLU between; at least one hidden channel) maps each, and the sigmoid of
/// the sum is the weight of the channel. Where several pixels tie for a maximum or minimum, the gradient goes to the
/// first of them, as in the published code.
/// </remarks>
public sealed class MultiFrequencyChannelAttention : StatisticalChannelAttention
{
    private readonly DctBasis _basis;
    private readonly bool _ownsBasis;
    private readonly (int U, int V)[] _frequencies;

    /// <summary>Creates the attention with a basis of its own.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="dctSize">D, the height and width of the basis images; 7 to 1024.</param>
    /// <param name="frequencies">F, the number of basis images; 1 to 32. Published: 16.</param>
    /// <param name="selection">The ranking that the frequencies are taken from.</param>
    /// <exception cref="InvalidOptionsException">A value is out of its range; lists all that are.</exception>
    public MultiFrequencyChannelAttention(
        long channels, int dctSize, int frequencies = 16, FrequencySelection selection = FrequencySelection.Top)
        : this(channels, CreateBasis(channels, dctSize, frequencies, selection), ownsBasis: true)
    {
    }

    /// <summary>Creates the attention on a basis that its caller shares among several and keeps alive and disposes.</summary>
    internal MultiFrequencyChannelAttention(long channels, DctBasis basis, bool ownsBasis = false)
        : base(nameof(MultiFrequencyChannelAttention), channels)
    {
        _basis = basis;
        _ownsBasis = ownsBasis;
        _frequencies = [.. Enumerable.Range(0, basis.Frequencies).Select(basis.FrequencyAt)];
        RegisterComponents();
    }

    /// <summary>The basis images that the attention looks through.</summary>
    public DctBasis Basis => _basis;

    /// <summary>D, the size of the basis images, which a map is pooled to for the statistics.</summary>
    public override int StatisticsSize => _basis.Size;

    /// <summary>The vertical (u) and horizontal (v) frequency of every basis image on its D×D grid.</summary>
    public override IReadOnlyList<(int U, int V)> Frequencies => _frequencies;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        (Parameter squeeze, Parameter excite) = (SqueezeWeight, ExciteWeight);
        ModuleGuard.FeatureMap(input, Channels, nameof(MultiFrequencyChannelAttention), squeeze, halfMaps: true);
        using DisposeScope scope = NewDisposeScope();
        if (!FrequencyAttentionFunction.CanRun(input, squeeze, excite))
        {
            return RunByTensors(input).MoveToOuterDisposeScope();
        }

        if (AttentionRecorder.Current is not null)
        {
            using var noGrad = no_grad();
            (Tensor plane, Tensor basis) = Pool(input);
            (Tensor maxima, Tensor minima) = Extremes(plane, basis);
            Tensor weights = FrequencyAttentionFunction.Weights(input, new AttentionPerceptron(squeeze, excite), _basis);
            Show(new ChannelStatistics(Averages(plane, basis), maxima, minima), weights);
        }

        return FrequencyAttentionFunction.Run(input, squeeze, excite, _basis).MoveToOuterDisposeScope();
    }

    /// <summary>The plain form, on any device and type. In the caller's scope.</summary>
    internal Tensor RunByTensors(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor plane, Tensor basis) = Pool(input);
        (Tensor maxima, Tensor minima) = Extremes(plane, basis);
        Tensor weights = Weigh(plane, basis, maxima, minima);
        if (AttentionRecorder.Current is not null)
        {
            Show(new ChannelStatistics(Averages(plane, basis), maxima, minima), weights);
        }

        return (input * weights.to(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override ChannelStatistics Summarize(Tensor input)
    {
        (Tensor plane, Tensor basis) = Pool(input);
        (Tensor maxima, Tensor minima) = Extremes(plane, basis);
        return new ChannelStatistics(Averages(plane, basis), maxima, minima);
    }

    /// <summary>The attention in the form that only predicts, on a basis of its own.</summary>
    internal override IFoldedAttention Fold(ScalarType type) =>
        new Folded(this, new DctBasis(_basis.Size, _basis.Frequencies, _basis.Selection), ownsBasis: true);

    /// <summary>The attention in the form that only predicts, on a basis that its caller keeps alive.</summary>
    internal Folded Fold(DctBasis basis) => new(this, basis, ownsBasis: false);

    /// <summary>Disposes the parameters and, where it is the attention's own, the basis.</summary>
    /// <param name="disposing">Whether managed state is to be disposed.</param>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _ownsBasis)
        {
            _basis.Dispose();
        }
    }

    private static DctBasis CreateBasis(long channels, int dctSize, int frequencies, FrequencySelection selection)
    {
        List<Problem> problems = DctBasis.Validate(dctSize, frequencies, selection);
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(MultiFrequencyChannelAttention), problems);
        return new DctBasis(dctSize, frequencies, selection);
    }

    /// <summary>
    /// The largest and smallest value of x·B_f over space, both N×C×F. Only the positions are searched for, without a
    /// graph; the values are then read at those positions, so that the backward pass needs 2F numbers for each channel
    /// instead of F whole feature maps.
    /// </summary>
    private static (Tensor Maxima, Tensor Minima) Extremes(Tensor plane, Tensor basis)
    {
        long frequencies = basis.size(0);
        Tensor positions;
        Tensor weights;
        using (no_grad())
        {
            positions = ExtremePositions.Find(plane, basis);
            using Scalar end = frequencies.ToScalar();
            Tensor offsets = arange(Scalars.Of(0L), end, Scalars.Of(1L), ScalarType.Int64, plane.device).Times(plane.size(2));
            weights = basis.flatten().take(positions.Plus(offsets.repeat(2)));
        }

        Tensor extremes = plane.gather(2, positions) * weights;
        return (extremes.narrow(2, 0, frequencies), extremes.narrow(2, frequencies, frequencies));
    }

    /// <summary>The spatial averages of x·B_f, N×C×F: one matrix product.</summary>
    private static Tensor Averages(Tensor plane, Tensor basis) => matmul(plane, basis.t()).Over(plane.size(2));

    /// <summary>The map at the size of the basis, N×C×(D·D), and the basis beside it. In the caller's scope.</summary>
    private (Tensor Plane, Tensor Basis) Pool(Tensor input)
    {
        int size = _basis.Size;
        Tensor pooled = input.size(2) == size && input.size(3) == size
            ? input
            : functional.adaptive_avg_pool2d(input, [size, size]);

        Tensor plane = Wide(pooled.flatten(2));
        return (plane, _basis.Like(plane));
    }

    private Tensor Weigh(Tensor plane, Tensor basis, Tensor maxima, Tensor minima)
    {
        // The mean over F of spatial averages is linear, so it is the spatial average with the mean basis image.
        Tensor average = matmul(plane, basis.mean([0], keepdim: true).t()).Over(plane.size(2));
        Tensor[] statistics = [average, maxima.mean([2], keepdim: true), minima.mean([2], keepdim: true)];

        // The perceptron looks at every pixel alone: the three lie side by side.
        Tensor means = cat(statistics, 2).unsqueeze(3).to(SqueezeWeight.dtype);
        return Perceptron.call(means).sum([2, 3], keepdim: true).sigmoid();
    }

    /// <summary>
    /// The weights of the channels without a graph. They come from three numbers a channel and frequency: in single precision whatever the
    /// map's type.
    /// </summary>
    internal sealed class Folded : IFoldedAttention
    {
        private readonly DctBasis _basis;
        private readonly bool _ownsBasis;
        private readonly FoldedSequence _perceptron;
        private readonly AttentionPerceptron? _fused;

        public Folded(MultiFrequencyChannelAttention module, DctBasis basis, bool ownsBasis)
        {
            _basis = basis;
            _ownsBasis = ownsBasis;
            _perceptron = FoldedSequence.Of(module.Perceptron, ScalarType.Float32);
            (Tensor squeeze, Tensor excite) = (module.SqueezeWeight, module.ExciteWeight);
            _fused = FrequencyAttentionFunction.IsSingle(squeeze) && FrequencyAttentionFunction.IsSingle(excite)
                ? new AttentionPerceptron(squeeze, excite)
                : null;
        }

        public Tensor Apply(Tensor features)
        {
            using Tensor weights = Weights(features);
            return features.mul_(weights);
        }

        /// <summary>The weights N×C×1×1 of a map N×C×H×W, in its type.</summary>
        public Tensor Weights(Tensor input)
        {
            if (_fused is null || !FeatureMemory.CanHold(input))
            {
                return WeightsByTensors(input);
            }

            using Tensor weights = FrequencyAttentionFunction.Weights(input, _fused, _basis);
            return weights.to(input.dtype);
        }

        /// <summary>The plain form, on any device and type. In the caller's scope.</summary>
        internal Tensor WeightsByTensors(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            int size = _basis.Size;
            Tensor pooled = input.size(2) == size && input.size(3) == size
                ? input
                : functional.adaptive_avg_pool2d(input, [size, size]);
            Tensor plane = pooled.to(ScalarType.Float32).contiguous().flatten(2);
            Tensor basis = _basis.Like(plane);
            Tensor average = matmul(plane, basis.mean([0], keepdim: true).t()).Over(plane.size(2));
            (Tensor maxima, Tensor minima) = ExtremeValues.Find(plane, basis);

            // Three maps of one pixel each, side by side: the perceptron looks at every pixel alone.
            Tensor mapped = _perceptron.Run(cat([average, maxima, minima], 2).unsqueeze(3));
            return mapped.sum([2, 3], keepdim: true).sigmoid().to(input.dtype).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _perceptron.Dispose();
            if (_ownsBasis)
            {
                _basis.Dispose();
            }
        }
    }
}
