using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// One scale of multi-scale spatial attention, MSSA (paper, section 3.2, equation 4): a learned foreground map
/// <c>M = σ(conv1×1(x))</c> splits a feature map into foreground and background, which are weighed by the learned scalars
/// β and α: <c>y = x·(1 − M)·α + x·M·β</c>.
/// </summary>
/// <remarks>
/// Input and output are N×C×H×W. Both scalars start at one, where the attention leaves its input as it is; the paper
/// takes it for a sign of failed training when they collapse.
/// </remarks>
public sealed class MultiScaleSpatialAttention : SpatialAttention
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
        : base(nameof(MultiScaleSpatialAttention), channels)
    {
        _gate = Layers.Convolution(channels, 1, kernel: 1);
        _alpha = CreateScalar();
        _beta = CreateScalar();
        RegisterComponents();
    }

    /// <summary>α, the learned weight of the background.</summary>
    public double Alpha => Read(_alpha);

    /// <summary>β, the learned weight of the foreground.</summary>
    public double Beta => Read(_beta);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        Guard.FeatureMap(input, Channels, nameof(MultiScaleSpatialAttention), _gate.weight);
        using DisposeScope scope = NewDisposeScope();
        Tensor foreground = _gate.call(input).sigmoid();
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new SpatialAttentionRecord(recorder.Path, AttentionRecorder.Keep(foreground), Alpha, Beta));
        }

        // x·(1 − M)·α + x·M·β = x·(α + M·(β − α)): one product of the size of x instead of five.
        // In the map's type, or the two parameters, which stay float32, would widen the whole product.
        Tensor weight = _alpha.Plus(foreground * (_beta - _alpha)).to(input.dtype);
        return (input * weight).MoveToOuterDisposeScope();
    }

    /// <summary>The attention in the form that only predicts.</summary>
    internal override IFoldedAttention Fold(ScalarType type) => new Folded(this, type);

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
    private sealed class Folded : IFoldedAttention
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

        public Tensor Apply(Tensor features)
        {
            using Scalar difference = _difference.ToScalar();
            using Scalar background = _background.ToScalar();
            using Tensor weights = _gate.Run(features);
            weights.sigmoid_().mul_(difference).add_(background, Scalars.Of(1L));
            return features.mul_(weights);
        }

        public void Dispose() => _gate.Dispose();
    }
}
