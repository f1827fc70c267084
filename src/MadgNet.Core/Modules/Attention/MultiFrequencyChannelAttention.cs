using MadgNet.Core.Internal;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

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
public sealed class MultiFrequencyChannelAttention : Module<Tensor, Tensor>
{
    private const int Reduction = 16;

    private readonly DctBasis _basis;
    private readonly bool _ownsBasis;

    [ComponentName(Name = "fc")]
    private readonly Sequential _perceptron;

    /// <summary>Creates the attention with a basis of its own.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <param name="dctSize">D, the height and width of the basis images; 7 to 1024.</param>
    /// <param name="frequencies">F, the number of basis images; 1 to 32. Published: 16.</param>
    /// <param name="selection">The ranking that the frequencies are taken from.</param>
    /// <exception cref="InvalidOptionsException">A value is out of its range; lists all that are.</exception>
    public MultiFrequencyChannelAttention(long channels, int dctSize, int frequencies = 16, FrequencySelection selection = FrequencySelection.Top)
        : this(channels, CreateBasis(channels, dctSize, frequencies, selection), ownsBasis: true)
    {
    }

    /// <summary>Creates the attention on a basis that its caller shares among several and keeps alive and disposes.</summary>
    internal MultiFrequencyChannelAttention(long channels, DctBasis basis, bool ownsBasis = false)
        : base(NativeRuntime.Ensured(nameof(MultiFrequencyChannelAttention)))
    {
        Channels = channels;
        _basis = basis;
        _ownsBasis = ownsBasis;
        long hidden = Math.Max(1, channels / Reduction);
        _perceptron = Sequential(
            ("0", Layers.Convolution(channels, hidden, kernel: 1)),
            ("1", Layers.Rectifier()),
            ("2", Layers.Convolution(hidden, channels, kernel: 1)));
        RegisterComponents();
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>The basis images that the attention looks through.</summary>
    public DctBasis Basis => _basis;

    /// <summary>Weighs the channels of a feature map.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C.</exception>
    public override Tensor forward(Tensor input) => Run(input, null);

    /// <summary>Weighs the channels of a feature map and records a <see cref="ChannelAttentionRecord"/>.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <param name="recorder">Receives the statistics and weights.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C.</exception>
    public Tensor ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        return Run(input, recorder);
    }

    internal Tensor Run(Tensor input, AttentionRecorder? recorder)
    {
        Guard.FeatureMap(input, Channels, nameof(MultiFrequencyChannelAttention));
        using DisposeScope scope = NewDisposeScope();
        (Tensor squeeze, Tensor excite) = (PerceptronWeights(0), PerceptronWeights(2));
        if (!FrequencyAttentionFunction.CanRun(input, squeeze, excite))
        {
            return RunByTensors(input, recorder).MoveToOuterDisposeScope();
        }

        if (recorder is not null)
        {
            using var noGrad = no_grad();
            (Tensor plane, Tensor basis) = Pool(input);
            (Tensor maxima, Tensor minima) = Extremes(plane, basis);
            Tensor weights = FrequencyAttentionFunction.Weights(input, new AttentionPerceptron(squeeze, excite), _basis);
            Record(recorder, plane, basis, maxima, minima, weights);
        }

        return FrequencyAttentionFunction.Run(input, squeeze, excite, _basis).MoveToOuterDisposeScope();
    }

    /// <summary>The plain form, on any device and type. In the caller's scope.</summary>
    internal Tensor RunByTensors(Tensor input, AttentionRecorder? recorder)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor plane, Tensor basis) = Pool(input);
        (Tensor maxima, Tensor minima) = Extremes(plane, basis);
        Tensor weights = Weigh(plane, basis, maxima, minima, input.dtype);
        if (recorder is not null)
        {
            Record(recorder, plane, basis, maxima, minima, weights);
        }

        return (input * weights.to(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>The attention in the form that only predicts, on a basis that its caller keeps alive.</summary>
    internal Folded Fold(DctBasis basis) => new(this, basis);

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

    private static void Record(AttentionRecorder recorder, Tensor plane, Tensor basis, Tensor maxima, Tensor minima, Tensor weights)
    {
        Tensor averages = matmul(plane, basis.t()).Over(plane.size(2));
        recorder.Add(new ChannelAttentionRecord(
            recorder.Path,
            AttentionRecorder.Keep(averages),
            AttentionRecorder.Keep(maxima),
            AttentionRecorder.Keep(minima),
            AttentionRecorder.Keep(weights.flatten(1))));
    }

    /// <summary>The map at the size of the basis, N×C×(D·D), and the basis beside it. In the caller's scope.</summary>
    private (Tensor Plane, Tensor Basis) Pool(Tensor input)
    {
        int size = _basis.Size;
        Tensor pooled = input.size(2) == size && input.size(3) == size
            ? input
            : functional.adaptive_avg_pool2d(input, [size, size]);

        // Statistics of thousands of pixels want more than eight bits of mantissa.
        Tensor plane = pooled.flatten(2);
        if (plane.dtype is ScalarType.BFloat16 or ScalarType.Float16)
        {
            plane = plane.to(ScalarType.Float32);
        }

        return (plane, _basis.Like(plane));
    }

    private Parameter PerceptronWeights(int index) => ((Conv2d)_perceptron[index]).weight;

    private Tensor Weigh(Tensor plane, Tensor basis, Tensor maxima, Tensor minima, ScalarType type)
    {
        // The mean over F of spatial averages is linear, so it is the spatial average with the mean basis image.
        Tensor average = matmul(plane, basis.mean([0], keepdim: true).t()).Over(plane.size(2));
        Tensor[] statistics = [average, maxima.mean([2], keepdim: true), minima.mean([2], keepdim: true)];
        Tensor sum = _perceptron.call(statistics[0].unsqueeze(3).to(type));
        for (int i = 1; i < statistics.Length; i++)
        {
            sum = sum.Plus(_perceptron.call(statistics[i].unsqueeze(3).to(type)));
        }

        return sum.sigmoid();
    }

    /// <summary>The weights of the channels without a graph. They come from three numbers a channel and frequency: in single precision whatever the map's type.</summary>
    internal sealed class Folded : IDisposable
    {
        private readonly DctBasis _basis;
        private readonly FoldedSequence _perceptron;
        private readonly AttentionPerceptron? _fused;

        public Folded(MultiFrequencyChannelAttention module, DctBasis basis)
        {
            _basis = basis;
            _perceptron = FoldedSequence.Of(module._perceptron, ScalarType.Float32);
            (Tensor squeeze, Tensor excite) = (module.PerceptronWeights(0), module.PerceptronWeights(2));
            _fused = FrequencyAttentionFunction.IsSingle(squeeze) && FrequencyAttentionFunction.IsSingle(excite)
                ? new AttentionPerceptron(squeeze, excite)
                : null;
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

        public void Dispose() => _perceptron.Dispose();
    }
}
