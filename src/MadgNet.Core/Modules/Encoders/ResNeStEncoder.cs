using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// ResNeSt-50 (Zhang et al., 2020, arXiv 2004.08955: radix 2, cardinality 1, base width 64, deep stem 32-32-64,
/// average-pool downsampling) as an encoder. The published choice of MADGNet.
/// </summary>
/// <remarks>Shows a recorder a <see cref="SplitAttentionRecord"/> a block, under the paths <c>layer1.0.conv2</c> …</remarks>
public sealed class ResNeStEncoder : ResidualEncoder
{
    /// <summary>Creates the encoder with fresh weights.</summary>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="inputChannels"/> is not positive.</exception>
    public ResNeStEncoder(long inputChannels = 3)
        : base(nameof(ResNeStEncoder), inputChannels, deepStem: true, (input, planes, stride, _) => new Bottleneck(input, planes, stride))
    {
    }

    private sealed class Bottleneck : Module<Tensor, Tensor>, IFoldable
    {
        private readonly int _stride;

        [ComponentName(Name = "conv1")]
        private readonly Conv2d _reduce;

        [ComponentName(Name = "bn1")]
        private readonly BatchNormalization _normalization1;

        [ComponentName(Name = "conv2")]
        private readonly SplitAttention _splitAttention;

        [ComponentName(Name = "conv3")]
        private readonly Conv2d _expand;

        [ComponentName(Name = "bn3")]
        private readonly BatchNormalization _normalization3;

        [ComponentName(Name = "downsample")]
        private readonly Sequential? _shortcut;

        public Bottleneck(long input, long planes, int stride)
            : base(nameof(Bottleneck))
        {
            long output = planes * Expansion;
            _stride = stride;
            _reduce = Layers.Convolution(input, planes, kernel: 1);
            _normalization1 = Layers.Normalization(planes);
            _splitAttention = new SplitAttention(planes, planes);
            _expand = Layers.Convolution(planes, output, kernel: 1);
            _normalization3 = Layers.Normalization(output);
            if (NeedsShortcut(input, planes, stride))
            {
                _shortcut = PooledShortcut(input, output, stride);
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor features = _normalization1.call(_reduce.call(input)).relu_();
            using (AttentionRecorder.Enter("conv2"))
            {
                features = _splitAttention.call(features);
            }

            if (_stride > 1)
            {
                features = functional.avg_pool2d(features, 3, stride: _stride, padding: 1);
            }

            features = _normalization3.call(_expand.call(features));
            Tensor shortcut = _shortcut is null ? input : _shortcut.call(input);
            return features.Accumulate(shortcut).relu_().MoveToOuterDisposeScope();
        }

        public IFolded Fold(ScalarType type)
        {
            var parts = new List<IFolded>
            {
                new FoldedConvolution(_reduce, _normalization1, rectify: true, type),
                _splitAttention.Fold(type)
            };
            if (_stride > 1)
            {
                parts.Add(new FoldedPooling([3, 3], [_stride, _stride], padding: [1, 1]));
            }

            parts.Add(new FoldedConvolution(_expand, _normalization3, rectify: false, type));
            return new FoldedResidual(new FoldedSequence(parts), _shortcut is null ? null : FoldedSequence.Of(_shortcut, type));
        }
    }
}
