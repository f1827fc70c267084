using MadgNet.Core.Foundation;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Samples.CustomPipeline;

/// <summary>
/// A network of one's own from single blocks: two convolutions down, one MADGNet decoder stage up with its attention, and
/// an ensemble sub-decoder. N×3×H×W (H and W even) to region, distance and boundary logits N×1×H×W.
/// </summary>
internal sealed class SmallSegmenter : Module<Tensor, TaskMaps>
{
    private readonly Sequential _fine;
    private readonly Sequential _coarse;
    private readonly SplitAttention _splitAttention;
    private readonly DecoderStage _stage;
    private readonly EnsembleSubDecoder _subDecoder;

    public SmallSegmenter()
        : base(nameof(SmallSegmenter))
    {
        var attention = new MultiFrequencyMultiScaleOptions { Scales = 2, Frequencies = 4, MinimumChannels = 16, DctSize = 28 };
        _fine = Block(3, 16);
        _coarse = Block(16, 32);
        _splitAttention = new SplitAttention(32, 32);
        _stage = new DecoderStage(deepChannels: 32, skipChannels: 16, outputChannels: 24, attention);
        _subDecoder = new EnsembleSubDecoder(channels: 24, labels: 1, upscale: 2);
        RegisterComponents();
    }

    public override TaskMaps forward(Tensor input) => Run(input, null);

    /// <summary>The same, with a look at what the attention does; nothing is computed twice.</summary>
    public TaskMaps ForwardWithAttention(Tensor input, AttentionRecorder recorder) => Run(input, recorder);

    private static Sequential Block(long input, long output) =>
        Sequential(Conv2d(input, output, 3, stride: 2, padding: 1, bias: false), new BatchNormalization(output), ReLU());

    private TaskMaps Run(Tensor input, AttentionRecorder? recorder)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor fine = _fine.call(input);
        Tensor coarse = _splitAttention.call(_coarse.call(fine));
        Tensor features = recorder is null ? _stage.call(coarse, fine) : _stage.ForwardWithAttention(coarse, fine, recorder);
        TaskMaps maps = _subDecoder.call(features);
        scope.MoveToOuter(maps.Region, maps.Distance!, maps.Boundary!);   // an ensemble has all three
        return maps;
    }
}
