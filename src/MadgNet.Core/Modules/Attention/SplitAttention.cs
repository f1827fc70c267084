using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// The split-attention convolution of ResNeSt (Zhang et al., 2020, arXiv 2004.08955, figure 2): a 3×3 convolution makes
/// several splits of every channel, and a softmax over the splits, from their pooled sum, weighs them into one.
/// </summary>
/// <remarks>
/// N×C×H×W → N×C'×H×W. With a radix of one the softmax is a sigmoid, as in a squeeze-and-excitation block. While
/// training, the pooled sum passes batch normalisation, so a batch of one image has no variance and is refused.
/// </remarks>
public sealed class SplitAttention : Module<Tensor, Tensor>, IFoldable
{
    private readonly int _radix;
    private readonly int _cardinality;

    [ComponentName(Name = "conv")]
    private readonly Conv2d _convolution;

    [ComponentName(Name = "bn0")]
    private readonly BatchNormalization _normalization0;

    [ComponentName(Name = "fc1")]
    private readonly Conv2d _squeeze;

    [ComponentName(Name = "bn1")]
    private readonly BatchNormalization _normalization1;

    [ComponentName(Name = "fc2")]
    private readonly Conv2d _excite;

    /// <summary>Creates the convolution.</summary>
    /// <param name="inputChannels">C, the channels that come in.</param>
    /// <param name="outputChannels">C', the channels that go out.</param>
    /// <param name="radix">How many splits compete for each channel; 1 or more. ResNeSt-50: 2.</param>
    /// <param name="cardinality">Groups as in ResNeXt; 1 or more. ResNeSt-50: 1.</param>
    /// <param name="reduction">By how much the pooled sum is narrowed (not below 32 channels); 1 or more. ResNeSt-50: 4.</param>
    /// <exception cref="InvalidOptionsException">A value is out of range, or the groups do not divide the channels; lists all
    /// problems.</exception>
    public SplitAttention(long inputChannels, long outputChannels, int radix = 2, int cardinality = 1, int reduction = 4)
        : base(NativeRuntime.Ensured(nameof(SplitAttention)))
    {
        Validate(inputChannels, outputChannels, radix, cardinality, reduction);
        _radix = radix;
        _cardinality = cardinality;
        InputChannels = inputChannels;
        OutputChannels = outputChannels;
        long hidden = Math.Max(inputChannels * radix / reduction, 32);
        hidden += (cardinality - (hidden % cardinality)) % cardinality;
        int groups = cardinality * radix;
        _convolution = Layers.Convolution(inputChannels, outputChannels * radix, kernel: 3, groups: groups);
        _normalization0 = Layers.Normalization(outputChannels * radix);
        _squeeze = Layers.Convolution(outputChannels, hidden, kernel: 1, groups: cardinality, bias: true);
        _normalization1 = Layers.Normalization(hidden);
        _excite = Layers.Convolution(hidden, outputChannels * radix, kernel: 1, groups: cardinality, bias: true);
        RegisterComponents();
    }

    /// <summary>C, the channels that come in.</summary>
    public long InputChannels { get; }

    /// <summary>C', the channels that go out.</summary>
    public long OutputChannels { get; }

    /// <summary>Convolves a feature map and merges the splits.</summary>
    /// <param name="input">A feature map N×C×H×W; while training, N is 2 or more.</param>
    /// <returns>N×C'×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input has another shape, or is one image while training.</exception>
    public override Tensor forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, InputChannels, nameof(SplitAttention), _convolution.weight);
        if (training && input.size(0) == 1 && !ModuleGuard.SharesStatistics(this))
        {
            throw new TensorShapeException(new Problem(
                nameof(SplitAttention),
                $"one image ({TensorShapeException.Describe(input)}) while training",
                "a batch of two images or more, because batch normalisation of the pooled features has no variance over one value",
                "Use a batch size of two or more and drop or merge a last batch of one, or call eval() on the module"));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor splits = _normalization0.call(_convolution.call(input)).relu_();
        long batch = splits.size(0);

        // A fifth axis parts the splits for nothing where a channel's pixels lie together, and is slow where the channels do.
        bool contiguous = splits.is_contiguous();
        Tensor five = contiguous ? splits.view(batch, _radix, OutputChannels, splits.size(2), splits.size(3)) : splits;
        Tensor[] parts = contiguous ? [] : splits.split(OutputChannels, 1);
        Tensor pooled = (contiguous ? five.sum(1) : parts.Aggregate((sum, part) => sum.Plus(part))).mean([2, 3], keepdim: true);
        Tensor hidden = _normalization1.call(_squeeze.call(pooled)).relu_();
        Tensor weights = Normalize(_excite.call(hidden), batch);
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new SplitAttentionRecord(recorder.Path, AttentionRecorder.Keep(weights)));
        }

        if (contiguous)
        {
            return (five * weights.view(batch, _radix, OutputChannels, 1, 1)).sum(1).MoveToOuterDisposeScope();
        }

        Tensor[] factors = weights.reshape(batch, _radix * OutputChannels, 1, 1).split(OutputChannels, 1);
        return parts.Zip(factors, (part, factor) => part * factor)
            .Aggregate((sum, product) => sum.Accumulate(product))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Convolves a feature map and records a <see cref="SplitAttentionRecord"/>.</summary>
    /// <param name="input">A feature map N×C×H×W; while training, N is 2 or more.</param>
    /// <param name="recorder">Receives the weights of the splits.</param>
    /// <returns>N×C'×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input has another shape, or is one image while training.</exception>
    public Tensor ForwardWithAttention(Tensor input, AttentionRecorder recorder)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        using (recorder.Follow())
        {
            return call(input);
        }
    }

    /// <inheritdoc/>
    IFolded IFoldable.Fold(ScalarType type) => Fold(type);

    internal IFolded Fold(ScalarType type) => new Folded(this, type);

    private static void Validate(long inputChannels, long outputChannels, int radix, int cardinality, int reduction)
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(radix), radix, 1);
        Guard.Range(problems, nameof(cardinality), cardinality, 1);
        Guard.Range(problems, nameof(reduction), reduction, 1);
        Guard.Range(problems, nameof(inputChannels), inputChannels, 1);
        Guard.Range(problems, nameof(outputChannels), outputChannels, 1);
        if (problems.Count == 0)
        {
            long groups = (long)radix * cardinality;
            if (inputChannels % groups != 0)
            {
                problems.Add(new Problem(
                    nameof(inputChannels),
                    $"{inputChannels}",
                    $"a multiple of radix × cardinality = {groups}",
                    "Change the channels, the radix or the cardinality"));
            }

            if (outputChannels % cardinality != 0)
            {
                problems.Add(new Problem(
                    nameof(outputChannels),
                    $"{outputChannels}",
                    $"a multiple of the cardinality {cardinality}",
                    "Change the channels or the cardinality"));
            }
        }

        InvalidOptionsException.ThrowIfAny(nameof(SplitAttention), problems);
    }

    /// <summary>Weights over the splits, N×radix×C': the groups of a cardinality hold their splits side by side.</summary>
    private Tensor Normalize(Tensor logits, long batch) => Normalize(logits, batch, _radix, _cardinality, OutputChannels);

    private static Tensor Normalize(Tensor logits, long batch, int radix, int cardinality, long channels) =>
        radix == 1
            ? logits.sigmoid().view(batch, 1, channels)
            : logits.view(batch, cardinality, radix, -1).transpose(1, 2).softmax(1).reshape(batch, radix, channels);

    /// <summary>The weights of the splits come from one number a channel: they are found in single precision whatever the type.</summary>
    private sealed class Folded : IFolded
    {
        private readonly int _radix;
        private readonly int _cardinality;
        private readonly long _channels;
        private readonly FoldedConvolution _convolution;
        private readonly FoldedConvolution _squeeze;
        private readonly FoldedConvolution _excite;

        public Folded(SplitAttention module, ScalarType type)
        {
            (_radix, _cardinality, _channels) = (module._radix, module._cardinality, module.OutputChannels);
            _convolution = new FoldedConvolution(module._convolution, module._normalization0, rectify: true, type);
            _squeeze = new FoldedConvolution(module._squeeze, module._normalization1, rectify: true, ScalarType.Float32);
            _excite = new FoldedConvolution(module._excite, null, rectify: false, ScalarType.Float32);
        }

        public Tensor Run(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor splits = _convolution.Run(input);
            long batch = splits.size(0);
            Tensor pooled = splits.mean([2, 3], keepdim: true, ScalarType.Float32).view(batch, _radix, _channels, 1, 1).sum(1);
            Tensor weights = Normalize(_excite.Run(_squeeze.Run(pooled)), batch, _radix, _cardinality, _channels)
                .reshape(batch, _radix, _channels, 1, 1).to(splits.dtype);
            Tensor sum = splits.narrow(1, 0, _channels) * weights.select(1, 0);
            for (int split = 1; split < _radix; split++)
            {
                sum.addcmul_(splits.narrow(1, split * _channels, _channels), weights.select(1, split), Scalars.Of(1L));
            }

            return sum.MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _convolution.Dispose();
            _squeeze.Dispose();
            _excite.Dispose();
        }
    }
}
