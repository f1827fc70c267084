using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// Res2Net-50 v1b, width 26, scale 4 (Gao et al., TPAMI 2021, arXiv 1904.01169; v1b: deep stem and average-pool
/// downsampling) as an encoder.
/// </summary>
public sealed class Res2NetEncoder : ResidualEncoder
{
    private const int BaseWidth = 26;
    private const int Scale = 4;

    /// <summary>Creates the encoder with fresh weights.</summary>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="inputChannels"/> is not positive.</exception>
    public Res2NetEncoder(long inputChannels = 3)
        : base(
            nameof(Res2NetEncoder),
            inputChannels,
            deepStem: true,
            (input, planes, stride, first) => new Bottleneck(input, planes, stride, first))
    {
    }

    private sealed class Bottleneck : Module<Tensor, Tensor>, IFoldable
    {
        private readonly int _stride;
        private readonly bool _first;
        private readonly long _width;

        [ComponentName(Name = "conv1")]
        private readonly Conv2d _reduce;

        [ComponentName(Name = "bn1")]
        private readonly BatchNormalization _normalization1;

        [ComponentName(Name = "convs")]
        private readonly ModuleList<Conv2d> _convolutions = new();

        [ComponentName(Name = "bns")]
        private readonly ModuleList<BatchNormalization> _normalizations = new();

        [ComponentName(Name = "conv3")]
        private readonly Conv2d _expand;

        [ComponentName(Name = "bn3")]
        private readonly BatchNormalization _normalization3;

        [ComponentName(Name = "downsample")]
        private readonly Sequential? _shortcut;

        public Bottleneck(long input, long planes, int stride, bool first)
            : base(nameof(Bottleneck))
        {
            long output = planes * Expansion;
            _stride = stride;
            _first = first;
            _width = planes * BaseWidth / 64;
            _reduce = Layers.Convolution(input, _width * Scale, kernel: 1);
            _normalization1 = Layers.Normalization(_width * Scale);
            for (int i = 0; i < Scale - 1; i++)
            {
                _convolutions.Add(Layers.Convolution(_width, _width, kernel: 3, stride: stride));
                _normalizations.Add(Layers.Normalization(_width));
            }

            _expand = Layers.Convolution(_width * Scale, output, kernel: 1);
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
            var splits = new Tensor[Scale];
            for (int i = 0; i < Scale; i++)
            {
                Tensor split = features.narrow(1, i * _width, _width);
                if (i == Scale - 1)
                {
                    // The first block of a layer pools its last split, whatever the stride; the others pass it on.
                    splits[i] = _first ? functional.avg_pool2d(split, 3, stride: _stride, padding: 1) : split;
                    continue;
                }

                // Within a layer each split adds the result of the one before; its first block keeps them apart.
                Tensor source = i == 0 || _first ? split : splits[i - 1].Plus(split);
                splits[i] = _normalizations[i].call(_convolutions[i].call(source)).relu_();
            }

            features = _normalization3.call(_expand.call(cat(splits, 1)));
            Tensor shortcut = _shortcut is null ? input : _shortcut.call(input);
            return features.Accumulate(shortcut).relu_().MoveToOuterDisposeScope();
        }

        public IFolded Fold(ScalarType type) => new FoldedResidual(
            new FoldedSequence(
            [
                new FoldedConvolution(_reduce, _normalization1, rectify: true, type),
                new FoldedSplits(
                    [.. _convolutions.Select((
                        convolution, i) => new FoldedConvolution(convolution, _normalizations[i], rectify: true, type))],
                    _width,
                    _stride,
                    _first),
                new FoldedConvolution(_expand, _normalization3, rectify: false, type),
            ]),
            _shortcut is null ? null : FoldedSequence.Of(_shortcut, type));
    }

    /// <summary>The chain of convolutions between the two 1×1 convolutions of a block.</summary>
    private sealed class FoldedSplits(IReadOnlyList<IFolded> convolutions, long width, int stride, bool first) : IFolded
    {
        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            var splits = new Tensor[Scale];
            for (int i = 0; i < Scale; i++)
            {
                Tensor split = input.narrow(1, i * width, width);
                splits[i] = i == Scale - 1
                    ? first ? functional.avg_pool2d(split, 3, stride: stride, padding: 1) : split
                    : convolutions[i].Run(i == 0 || first ? split : splits[i - 1].Plus(split));
            }

            return cat(splits, 1).MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            foreach (IFolded convolution in convolutions)
            {
                convolution.Dispose();
            }
        }
    }
}
