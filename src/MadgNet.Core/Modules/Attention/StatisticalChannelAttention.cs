using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// A channel attention from a few numbers that a channel takes over space: each kind of them is averaged over F frequencies and
/// mapped by one shared perceptron, and the sigmoid of the sum is the weight of the channel.
/// </summary>
/// <remarks>
/// The perceptron is C → C/16 → C (1×1 convolutions without bias, ReLU between; at least one hidden channel), under the names
/// <c>fc.0</c> and <c>fc.2</c>. Derived classes say what the numbers are: the multi-frequency attention of the paper, wavelet
/// packets, the average alone, or the host's own.
/// </remarks>
public abstract class StatisticalChannelAttention : ChannelAttention
{
    private const int Reduction = 16;

    [ComponentName(Name = "fc")]
    private readonly Sequential _perceptron;

    /// <summary>Creates the perceptron. The derived constructor ends with <c>RegisterComponents()</c>.</summary>
    /// <param name="name">The name of the class, for messages.</param>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    protected StatisticalChannelAttention(string name, long channels)
        : base(name, channels)
    {
        long hidden = Math.Max(1, channels / Reduction);
        _perceptron = Sequential(
            ("0", Layers.Convolution(channels, hidden, kernel: 1)),
            ("1", Layers.Rectifier()),
            ("2", Layers.Convolution(hidden, channels, kernel: 1)));
    }

    /// <summary>The size that a map is pooled to; 0 where it is not.</summary>
    public virtual int StatisticsSize => 0;

    /// <summary>The vertical (u) and horizontal (v) index of every frequency; empty where the statistics have none.</summary>
    public virtual IReadOnlyList<(int U, int V)> Frequencies => [];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, Channels, GetName(), SqueezeWeight, halfMaps: true);
        using DisposeScope scope = NewDisposeScope();
        ChannelStatistics statistics = Summarize(Wide(input));
        Tensor weights = Weigh(statistics, input.dtype);
        Show(statistics, weights);
        return (input * weights).MoveToOuterDisposeScope();
    }

    /// <summary>The numbers that each channel takes over space. Called in a dispose scope of the pass.</summary>
    /// <param name="input">The feature map N×C×H×W; float32 where the map itself is a 16-bit one, whose mantissa does not carry sums over
    /// thousands of pixels.</param>
    /// <returns>Statistics N×C×F, F of 1 or more.</returns>
    protected abstract ChannelStatistics Summarize(Tensor input);

    internal override IFoldedAttention Fold(ScalarType type) => new FoldedStatistics(this, Summarize, owned: null);

    private protected Sequential Perceptron => _perceptron;

    private protected Parameter SqueezeWeight => ((Conv2d)_perceptron[0]).weight;

    private protected Parameter ExciteWeight => ((Conv2d)_perceptron[2]).weight;

    /// <summary>A map in which sums over thousands of pixels keep their digits.</summary>
    private protected static Tensor Wide(Tensor map) =>
        map.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? map.to(ScalarType.Float32) : map;

    /// <summary>Copies for the recorder that follows the pass, if one does.</summary>
    private protected void Show(ChannelStatistics statistics, Tensor weights)
    {
        if (AttentionRecorder.Current is { } recorder)
        {
            recorder.Add(new ChannelAttentionRecord(
                recorder.Path,
                AttentionRecorder.Keep(weights.flatten(1)),
                new ChannelStatistics(
                    AttentionRecorder.Keep(statistics.Average),
                    statistics.Maximum is { } maximum ? AttentionRecorder.Keep(maximum) : null,
                    statistics.Minimum is { } minimum ? AttentionRecorder.Keep(minimum) : null),
                StatisticsSize,
                Frequencies));
        }
    }

    /// <summary>The weights N×C×1×1, in the type of the map.</summary>
    private Tensor Weigh(ChannelStatistics statistics, ScalarType type)
    {
        // The perceptron looks at every pixel alone: the kinds of statistics lie side by side.
        Tensor means = cat([.. statistics.Given.Select(each => each.mean([2], keepdim: true))], 2).unsqueeze(3);
        return _perceptron.call(means.to(SqueezeWeight.dtype)).sum([2, 3], keepdim: true).sigmoid().to(type);
    }

    /// <summary>
    /// The weights of the channels without a graph. They come from a few numbers a channel: in single precision whatever the map's type.
    /// </summary>
    private protected sealed class FoldedStatistics(
        StatisticalChannelAttention module, Func<Tensor, ChannelStatistics> summarize, IDisposable? owned) : IFoldedAttention
    {
        private readonly FoldedSequence _perceptron = FoldedSequence.Of(module._perceptron, ScalarType.Float32);

        public Tensor Apply(Tensor features)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor wide = features.to(ScalarType.Float32).contiguous();
            Tensor means = cat([.. summarize(wide).Given.Select(each => each.mean([2], keepdim: true))], 2).unsqueeze(3);
            Tensor weights = _perceptron.Run(means).sum([2, 3], keepdim: true).sigmoid().to(features.dtype);
            return features.mul_(weights);
        }

        public void Dispose()
        {
            _perceptron.Dispose();
            owned?.Dispose();
        }
    }
}
