using MadgNet.Core.Internal;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>ResNet-50 (He et al., CVPR 2016; stride in the 3×3 convolution) as an encoder.</summary>
public sealed class ResNetBackbone : ResidualBackbone
{
    /// <summary>Creates the encoder with fresh weights.</summary>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="inputChannels"/> is not positive.</exception>
    public ResNetBackbone(long inputChannels = 3)
        : base(nameof(ResNetBackbone), inputChannels, deepStem: false, (input, planes, stride, _) => new Bottleneck(input, planes, stride))
    {
    }

    private sealed class Bottleneck : Module<Tensor, Tensor>, IFoldable
    {
        [ComponentName(Name = "conv1")]
        private readonly Conv2d _reduce;

        [ComponentName(Name = "bn1")]
        private readonly BatchNormalization _normalization1;

        [ComponentName(Name = "conv2")]
        private readonly Conv2d _convolution;

        [ComponentName(Name = "bn2")]
        private readonly BatchNormalization _normalization2;

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
            _reduce = Layers.Convolution(input, planes, kernel: 1);
            _normalization1 = Layers.Normalization(planes);
            _convolution = Layers.Convolution(planes, planes, kernel: 3, stride: stride);
            _normalization2 = Layers.Normalization(planes);
            _expand = Layers.Convolution(planes, output, kernel: 1);
            _normalization3 = Layers.Normalization(output);
            if (NeedsShortcut(input, planes, stride))
            {
                _shortcut = Sequential(
                    ("0", Layers.Convolution(input, output, kernel: 1, stride: stride)),
                    ("1", Layers.Normalization(output)));
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor features = _normalization1.call(_reduce.call(input)).relu_();
            features = _normalization2.call(_convolution.call(features)).relu_();
            features = _normalization3.call(_expand.call(features));
            Tensor shortcut = _shortcut is null ? input : _shortcut.call(input);
            return features.Accumulate(shortcut).relu_().MoveToOuterDisposeScope();
        }

        public IFolded Fold(ScalarType type) => new FoldedResidual(
            new FoldedSequence(
            [
                new FoldedConvolution(_reduce, _normalization1, rectify: true, type),
                new FoldedConvolution(_convolution, _normalization2, rectify: true, type),
                new FoldedConvolution(_expand, _normalization3, rectify: false, type),
            ]),
            _shortcut is null ? null : FoldedSequence.Of(_shortcut, type));
    }
}
