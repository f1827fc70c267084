using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// ResNet-18, -34 or -50 (He et al., CVPR 2016; in the bottleneck blocks the stride is in the 3×3 convolution) as an encoder, and the
/// ResNet-18 of CNTK.
/// </summary>
/// <remarks>Names and shapes of the state dict are torchvision's, without the classifier <c>fc</c>: its files load. CNTK's has a
/// block more (<c>layer4.2</c>), and no file of torchvision fits it.</remarks>
public sealed class ResNetEncoder : ResidualEncoder
{
    /// <summary>Creates a ResNet-50 for three channels with fresh weights.</summary>
    public ResNetEncoder()
        : this(ResNetDepth.ResNet50, inputChannels: 3)
    {
    }

    /// <summary>Creates a ResNet-50 with fresh weights.</summary>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="inputChannels"/> is not positive.</exception>
    public ResNetEncoder(long inputChannels)
        : this(ResNetDepth.ResNet50, inputChannels)
    {
    }

    /// <summary>Creates the encoder with fresh weights.</summary>
    /// <param name="depth">Which of the networks.</param>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">The depth is unknown, or <paramref name="inputChannels"/> is not positive.</exception>
    public ResNetEncoder(ResNetDepth depth, long inputChannels)
        : base(
            nameof(ResNetEncoder),
            inputChannels,
            deepStem: false,
            Factory(depth),
            Blocks(depth),
            depth == ResNetDepth.ResNet50 ? Expansion : 1)
    {
        Depth = depth;
    }

    /// <summary>Which of the networks it is.</summary>
    public ResNetDepth Depth { get; }

    private static BlockFactory Factory(ResNetDepth depth) => depth switch
    {
        ResNetDepth.ResNet18 or ResNetDepth.ResNet18Cntk or ResNetDepth.ResNet34 =>
            (input, planes, stride, _) => new BasicBlock(input, planes, stride),
        ResNetDepth.ResNet50 => (input, planes, stride, _) => new Bottleneck(input, planes, stride),
        _ => throw new InvalidOptionsException(
            nameof(ResNetEncoder),
            [new Problem(nameof(depth), $"{(int)depth}", "18, 20 (CNTK's ResNet-18), 34 or 50", "Choose one of these")]),
    };

    private static int[] Blocks(ResNetDepth depth) => depth switch
    {
        ResNetDepth.ResNet18 => [2, 2, 2, 2],
        ResNetDepth.ResNet18Cntk => [2, 2, 2, 3],
        _ => [3, 4, 6, 3],
    };

    /// <summary>The shortcut where a block changes channels or size: a strided 1×1 convolution and batch normalisation.</summary>
    private static Sequential StridedShortcut(long input, long output, int stride) => Sequential(
        ("0", Layers.Convolution(input, output, kernel: 1, stride: stride)),
        ("1", Layers.Normalization(output)));

    private sealed class BasicBlock : Module<Tensor, Tensor>, IFoldable
    {
        [ComponentName(Name = "conv1")]
        private readonly Conv2d _first;

        [ComponentName(Name = "bn1")]
        private readonly BatchNormalization _normalization1;

        [ComponentName(Name = "conv2")]
        private readonly Conv2d _second;

        [ComponentName(Name = "bn2")]
        private readonly BatchNormalization _normalization2;

        [ComponentName(Name = "downsample")]
        private readonly Sequential? _shortcut;

        public BasicBlock(long input, long planes, int stride)
            : base(nameof(BasicBlock))
        {
            _first = Layers.Convolution(input, planes, kernel: 3, stride: stride);
            _normalization1 = Layers.Normalization(planes);
            _second = Layers.Convolution(planes, planes, kernel: 3);
            _normalization2 = Layers.Normalization(planes);
            if (stride != 1 || input != planes)
            {
                _shortcut = StridedShortcut(input, planes, stride);
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor features = _normalization1.call(_first.call(input)).relu_();
            features = _normalization2.call(_second.call(features));
            Tensor shortcut = _shortcut is null ? input : _shortcut.call(input);
            return features.Accumulate(shortcut).relu_().MoveToOuterDisposeScope();
        }

        public IFolded Fold(ScalarType type) => new FoldedResidual(
            new FoldedSequence(
            [
                new FoldedConvolution(_first, _normalization1, rectify: true, type),
                new FoldedConvolution(_second, _normalization2, rectify: false, type),
            ]),
            _shortcut is null ? null : FoldedSequence.Of(_shortcut, type));
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
                _shortcut = StridedShortcut(input, output, stride);
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
