using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Benchmarks.Published;

/// <summary>ResNeSt-50 as published.</summary>
internal sealed class PublishedEncoder : Module
{
    private static readonly int[] Blocks = [3, 4, 6, 3];

    [ComponentName(Name = "conv1")]

    private readonly Sequential _stem
;
    [ComponentName(Name = "bn1")]
    private readonly BatchNorm2d _normalization
;
    private readonly Sequential[] _layers = new Sequential[Blocks.Length];

    public PublishedEncoder()
        : base(nameof(PublishedEncoder))
    {
        _stem = Sequential(
            Conv2d(3, 32, 3, stride: 2, padding: 1, bias: false),
            BatchNorm2d(32),
            ReLU(inplace: true),
            Conv2d(32, 32, 3, padding: 1, bias: false),
            BatchNorm2d(32),
            ReLU(inplace: true),
            Conv2d(32, 64, 3, padding: 1, bias: false));
        _normalization = BatchNorm2d(64);
        long input = 64;
        for (int layer = 0; layer < Blocks.Length; layer++)
        {
            long planes = 64L << layer;
            var blocks = new List<Module<Tensor, Tensor>>();
            for (int block = 0; block < Blocks[layer]; block++)
            {
                blocks.Add(new Bottleneck(input, planes, block == 0 && layer > 0 ? 2 : 1));
                input = planes * 4;
            }

            _layers[layer] = Sequential(blocks);
            register_module($"layer{layer + 1}", _layers[layer]);
        }

        RegisterComponents();
    }

    /// <summary>The stem before its pooling, and the four layers.</summary>
    public Tensor[] Run(Tensor image)
    {
        using DisposeScope scope = NewDisposeScope();
        var levels = new Tensor[Blocks.Length + 1];
        levels[0] = functional.relu(_normalization.call(_stem.call(image)), inplace: true);
        Tensor features = functional.max_pool2d(levels[0], 3, stride: 2, padding: 1);
        for (int layer = 0; layer < Blocks.Length; layer++)
        {
            features = _layers[layer].call(features);
            levels[layer + 1] = features;
        }

        scope.MoveToOuter(levels);
        return levels;
    }

    private sealed class Bottleneck : Module<Tensor, Tensor>
    {
        private readonly int _stride;
        [ComponentName(Name = "conv1")]
        private readonly Conv2d _conv1
;
        [ComponentName(Name = "bn1")]
        private readonly BatchNorm2d _normalization1
;
        [ComponentName(Name = "conv2")]
        private readonly Splits _conv2
;
        [ComponentName(Name = "conv3")]
        private readonly Conv2d _conv3
;
        [ComponentName(Name = "bn3")]
        private readonly BatchNorm2d _normalization3
;
        [ComponentName(Name = "downsample")]
        private readonly Sequential? _shortcut
;

        public Bottleneck(long input, long planes, int stride)
            : base(nameof(Bottleneck))
        {
            _stride = stride;
            _conv1 = Conv2d(input, planes, 1, bias: false);
            _normalization1 = BatchNorm2d(planes);
            _conv2 = new Splits(planes);
            _conv3 = Conv2d(planes, planes * 4, 1, bias: false);
            _normalization3 = BatchNorm2d(planes * 4);
            if (stride != 1 || input != planes * 4)
            {
                _shortcut = Sequential(
                    AvgPool2d(stride, stride: stride, ceil_mode: true, count_include_pad: false),
                    Conv2d(input, planes * 4, 1, bias: false),
                    BatchNorm2d(planes * 4));
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor features = functional.relu(_normalization1.call(_conv1.call(input)), inplace: true);
            features = _conv2.call(features);
            if (_stride > 1)
            {
                features = functional.avg_pool2d(features, 3, stride: _stride, padding: 1);
            }

            features = _normalization3.call(_conv3.call(features));
            features.add_(_shortcut is null ? input : _shortcut.call(input));
            return functional.relu(features, inplace: true).MoveToOuterDisposeScope();
        }
    }

    private sealed class Splits : Module<Tensor, Tensor>
    {
        private readonly long _planes;
        [ComponentName(Name = "conv")]
        private readonly Conv2d _conv
;
        [ComponentName(Name = "bn0")]
        private readonly BatchNorm2d _normalization0
;
        [ComponentName(Name = "fc1")]
        private readonly Conv2d _squeeze
;
        [ComponentName(Name = "bn1")]
        private readonly BatchNorm2d _normalization1
;
        [ComponentName(Name = "fc2")]
        private readonly Conv2d _excite
;

        public Splits(long planes)
            : base(nameof(Splits))
        {
            long hidden = Math.Max(planes * 2 / 4, 32);
            _planes = planes;
            _conv = Conv2d(planes, planes * 2, 3, padding: 1, groups: 2, bias: false);
            _normalization0 = BatchNorm2d(planes * 2);
            _squeeze = Conv2d(planes, hidden, 1);
            _normalization1 = BatchNorm2d(hidden);
            _excite = Conv2d(hidden, planes * 2, 1);

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor features = functional.relu(_normalization0.call(_conv.call(input)), inplace: true);
            Tensor[] splits = features.split(_planes, 1);
            Tensor pooled = functional.adaptive_avg_pool2d(splits[0] + splits[1], [1, 1]);
            Tensor hidden = functional.relu(_normalization1.call(_squeeze.call(pooled)), inplace: true);
            Tensor weights = _excite.call(hidden).view(input.size(0), 1, 2, -1).transpose(1, 2).softmax(1).reshape(input.size(0), -1, 1, 1);
            Tensor[] attention = weights.split(_planes, 1);
            return ((attention[0] * splits[0]) + (attention[1] * splits[1])).contiguous().MoveToOuterDisposeScope();
        }
    }
}
