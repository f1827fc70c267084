using MadgNet.Core.Internal;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// One scale of multi-scale spatial attention, MSSA (paper, section 3.2, equation 4): a learned foreground map
/// <c>M = σ(conv1×1(x))</c> splits a feature map into foreground and background, which are weighed by the learned scalars
/// β and α: <c>y = x·(1 − M)·α + x·M·β</c>.
/// </summary>
/// <remarks>
/// Input and output are N×C×H×W. Both scalars start at one, where the attention leaves its input as it is; the paper
/// takes it for a sign of failed training when they collapse.
/// </remarks>
public sealed class MultiScaleSpatialAttention : Module<Tensor, Tensor>
{
    [ComponentName(Name = "gate")]
    private readonly Conv2d _gate;

    [ComponentName(Name = "alpha")]
    private readonly Parameter _alpha;

    [ComponentName(Name = "beta")]
    private readonly Parameter _beta;

    /// <summary>Creates the attention of one scale.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    public MultiScaleSpatialAttention(long channels)
        : base(NativeRuntime.Ensured(nameof(MultiScaleSpatialAttention)))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(MultiScaleSpatialAttention), problems);
        Channels = channels;
        _gate = Layers.Convolution(channels, 1, kernel: 1);
        _alpha = CreateScalar();
        _beta = CreateScalar();
        RegisterComponents();
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>α, the learned weight of the background.</summary>
    public double Alpha => Read(_alpha);

    /// <summary>β, the learned weight of the foreground.</summary>
    public double Beta => Read(_beta);

    /// <summary>Weighs foreground and background of a feature map.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C.</exception>
    public override Tensor forward(Tensor input) => Run(input, null);

    /// <summary>Weighs foreground and background and records a <see cref="SpatialAttentionRecord"/>.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <param name="recorder">Receives the foreground map and the scalars.</param>
    /// <returns>The weighted map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C.</exception>
    public Tensor ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        return Run(input, recorder);
    }

    internal Tensor Run(Tensor input, AttentionRecorder? recorder)
    {
        Guard.FeatureMap(input, Channels, nameof(MultiScaleSpatialAttention));
        using DisposeScope scope = NewDisposeScope();
        Tensor foreground = _gate.call(input).sigmoid();
        recorder?.Add(new SpatialAttentionRecord(recorder.Path, AttentionRecorder.Keep(foreground), Alpha, Beta));

        // x·(1 − M)·α + x·M·β = x·(α + M·(β − α)): one product of the size of x instead of five.
        // In the map's type, or the two parameters, which stay float32, would widen the whole product.
        Tensor weight = _alpha.Plus(foreground * (_beta - _alpha)).to(input.dtype);
        return (input * weight).MoveToOuterDisposeScope();
    }

    /// <summary>The attention in the form that only predicts.</summary>
    internal Folded Fold(ScalarType type) => new(this, type);

    private static Parameter CreateScalar()
    {
        Parameter scalar = Parameter(ones(1));
        scalar.DetachFromDisposeScope();
        return scalar;
    }

    private static double Read(Parameter scalar)
    {
        using Tensor value = scalar.detach();
        using Tensor wide = value.to(ScalarType.Float64);
        return wide.item<double>();
    }

    /// <summary>The weights of the pixels without a graph.</summary>
    internal sealed class Folded : IDisposable
    {
        private readonly FoldedConvolution _gate;
        private readonly double _background;
        private readonly double _difference;

        public Folded(MultiScaleSpatialAttention module, ScalarType type)
        {
            _gate = new FoldedConvolution(module._gate, null, rectify: false, type);
            _background = module.Alpha;
            _difference = module.Beta - module.Alpha;
        }

        /// <summary>The weights N×1×H×W of a map N×C×H×W.</summary>
        public Tensor Weights(Tensor input)
        {
            using Scalar difference = _difference.ToScalar();
            using Scalar background = _background.ToScalar();
            return _gate.Run(input).sigmoid_().mul_(difference).add_(background, Scalars.Of(1L));
        }

        public void Dispose() => _gate.Dispose();
    }
}
