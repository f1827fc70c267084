using MadgNet.Core.Models;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Benchmarks.Published;

/// <summary>
/// The published forward pass of MADGNet on ResNeSt-50, ported line by line with TorchSharp's own layers: what the
/// library is measured against. Every DCT basis image is kept for every channel and multiplied out, every stage has
/// four upsampled outputs' worth of sub-decoder, whatever is needed of them. Weights come by state dict.
/// </summary>
internal sealed class PublishedNetwork : Module<Tensor, Tensor[][]>
{
    private static readonly (int Channels, int Level, int DctSize, int Upscale)[] StageShapes =
        [(256, 1024, 14, 16), (128, 512, 28, 8), (64, 256, 56, 4), (32, 64, 112, 2)];

    [ComponentName(Name = "feature_encoding")]

    private readonly PublishedEncoder _encoder
 = new();
    private readonly Module<Tensor, Tensor>[] _skips = new Module<Tensor, Tensor>[StageShapes.Length];
    private readonly Stage[] _stages = new Stage[StageShapes.Length];
    private readonly Heads[] _heads = new Heads[StageShapes.Length];

    public PublishedNetwork()
        : base(nameof(PublishedNetwork))
    {
        long deep = 2048;
        for (int i = 0; i < StageShapes.Length; i++)
        {
            (int channels, int level, int dctSize, int upscale) = StageShapes[i];
            _skips[i] = Block(level, 64, 1);
            _stages[i] = new Stage(deep + 64, channels, dctSize);
            _heads[i] = new Heads(channels, upscale);
            register_module($"skip_connection{i + 1}", _skips[i]);
            register_module($"decoder_stage{i + 1}", _stages[i]);
            register_module($"sub_decoder_stage{i + 1}", _heads[i]);
            deep = channels;
        }

        RegisterComponents();
    }

    /// <summary>A port with the weights of a model of the published configuration.</summary>
    public static PublishedNetwork Like(MadgNetModel model)
    {
        var port = new PublishedNetwork();
        port.load_state_dict(model.state_dict());
        port.train(model.training);
        return port;
    }

    /// <summary>Region, distance and boundary of every stage.</summary>
    public override Tensor[][] forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] levels = _encoder.Run(input);
        Tensor features = levels[^1];
        var maps = new Tensor[_stages.Length][];
        for (int i = 0; i < _stages.Length; i++)
        {
            features = _stages[i].call(features, _skips[i].call(levels[_stages.Length - 1 - i]));
            maps[i] = _heads[i].call(features);
            scope.MoveToOuter(maps[i]);
        }

        return maps;
    }

    internal static Sequential Block(long input, long output, int kernel, bool bias = true) =>
        Sequential(Conv2d(input, output, kernel, padding: kernel / 2, bias: bias), BatchNorm2d(output), ReLU(inplace: true));

    private sealed class Stage : Module<Tensor, Tensor, Tensor>
    {
        [ComponentName(Name = "conv1")]
        private readonly Sequential _conv1
;
        [ComponentName(Name = "attention_layer")]
        private readonly Attention _attention
;
        [ComponentName(Name = "conv2")]
        private readonly Sequential _conv2
;

        public Stage(long input, long channels, int dctSize)
            : base(nameof(Stage))
        {
            _conv1 = Block(input, channels, 3);
            _attention = new Attention(channels, dctSize);
            _conv2 = Block(channels, channels, 3);

            RegisterComponents();
        }

        public override Tensor forward(Tensor deep, Tensor skip)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor upsampled = functional.interpolate(
                deep, [skip.size(2), skip.size(3)], mode: InterpolationMode.Bilinear, align_corners: false);
            return _conv2.call(_attention.call(_conv1.call(cat([upsampled, skip], 1)))).MoveToOuterDisposeScope();
        }
    }

    /// <summary>The MFMSA block at three scales.</summary>
    private sealed class Attention : Module<Tensor, Tensor>
    {
        private const int Scales = 3;

        [ComponentName(Name = "multi_scale_branches")]

        private readonly ModuleList<Sequential> _branches
 = new();
        [ComponentName(Name = "multi_frequency_branches")]
        private readonly ModuleList<Sequential> _frequency
 = new();
        [ComponentName(Name = "multi_frequency_branches_conv1")]
        private readonly ModuleList<Sequential> _gates
 = new();
        [ComponentName(Name = "multi_frequency_branches_conv2")]
        private readonly ModuleList<Sequential> _projections
 = new();
        [ComponentName(Name = "alpha_list")]
        private readonly ParameterList _alpha
 = new();
        [ComponentName(Name = "beta_list")]
        private readonly ParameterList _beta
 = new();

        public Attention(long channels, int dctSize)
            : base(nameof(Attention))
        {
            for (int scale = 0; scale < Scales; scale++)
            {
                long width = Math.Max(channels >> scale, 32);
                _branches.Add(Sequential(
                    Conv2d(channels, channels, 3, padding: 1 + scale, dilation: 1 + scale, groups: 32, bias: false),
                    BatchNorm2d(channels),
                    ReLU(inplace: true),
                    Conv2d(channels, width, 1, bias: false),
                    BatchNorm2d(width),
                    ReLU(inplace: true)));
                _frequency.Add(Sequential(new FrequencyAttention(width, dctSize)));
                _gates.Add(Sequential(Conv2d(width, 1, 1, bias: false)));
                _projections.Add(Block(width, channels, 3, bias: false));
                _alpha.Add(Parameter(ones(1)));
                _beta.Add(Parameter(ones(1)));
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor sum = zeros_like(input);
            for (int scale = 0; scale < Scales; scale++)
            {
                int factor = 1 << scale;
                Tensor features = factor > 1 && input.size(2) / factor >= 8 ? functional.avg_pool2d(input, factor, stride: factor) : input;
                features = _frequency[scale].call(_branches[scale].call(features));
                Tensor foreground = _gates[scale].call(features).sigmoid();
                Tensor background = 1 - foreground;
                features = (features * background * _alpha[scale]) + (features * foreground * _beta[scale]);
                features = _projections[scale].call(features);
                if (features.size(2) != input.size(2))
                {
                    features = functional.interpolate(
                        features, [input.size(2), input.size(3)], mode: InterpolationMode.Bilinear, align_corners: false);
                }

                sum = sum + features;
            }

            return ((sum / Scales) + input).MoveToOuterDisposeScope();
        }
    }

    private sealed class Heads : Module<Tensor, Tensor[]>
    {
        private readonly int _upscale;
        [ComponentName(Name = "output_map_conv")]
        private readonly Conv2d _region
;
        [ComponentName(Name = "output_distance_conv")]
        private readonly Conv2d _distance
;
        [ComponentName(Name = "output_boundary_conv")]
        private readonly Conv2d _boundary
;

        public Heads(long channels, int upscale)
            : base(nameof(Heads))
        {
            _upscale = upscale;
            _region = Conv2d(channels, 1, 1);
            _distance = Conv2d(channels, 1, 1);
            _boundary = Conv2d(channels, 1, 1);

            RegisterComponents();
        }

        public override Tensor[] forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor region = _region.call(input);
            Tensor distance = _distance.call(input) * region.sigmoid();
            Tensor boundary = _boundary.call(input) * distance.sigmoid();
            boundary = Upsample(boundary);
            distance = Upsample(distance) + boundary.sigmoid();
            region = Upsample(region) + distance.sigmoid();
            scope.MoveToOuter(region, distance, boundary);
            return [region, distance, boundary];
        }

        private Tensor Upsample(Tensor map) =>
            functional.interpolate(
                map, [map.size(2) * _upscale, map.size(3) * _upscale], mode: InterpolationMode.Bilinear, align_corners: true);
    }
}
