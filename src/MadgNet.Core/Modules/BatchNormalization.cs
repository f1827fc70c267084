using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// Batch normalisation of feature maps (Ioffe and Szegedy, ICML 2015, arXiv 1502.03167):
/// <c>y = (x − mean) / √(variance + ε) · weight + bias</c> for each channel.
/// </summary>
/// <remarks>
/// <para>Input and output are N×C×H×W. While training, mean and variance are the batch's, and the running statistics follow
/// them: <c>running ← (1 − momentum) · running + momentum · batch</c>, the variance with N·H·W − 1 as divisor. In
/// evaluation mode, and while <see cref="FrozenStatistics"/> is set, the running statistics take their place and stay.</para>
/// <para>State-dict names are PyTorch's: weight, bias, running_mean, running_var, num_batches_tracked. TorchSharp's
/// <c>BatchNorm2d</c> counts the batches with a number that its finalizer can free too early, hence a module of
/// its own. Safe for use from several threads in evaluation mode.</para>
/// </remarks>
public sealed class BatchNormalization : Module<Tensor, Tensor>
{
    private double _momentum = 0.1;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _runningMean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _runningVariance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    /// <summary>Creates the module as the identity: weight 1, bias 0, mean 0, variance 1.</summary>
    /// <param name="channels">C, the channels of the feature map; 1 or more.</param>
    /// <exception cref="InvalidOptionsException"><paramref name="channels"/> is not positive.</exception>
    public BatchNormalization(long channels)
        : base(NativeRuntime.Ensured(nameof(BatchNormalization)))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "Channels", channels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(BatchNormalization), problems);
        Channels = channels;
        _weight = Parameter(ones(channels));
        _bias = Parameter(zeros(channels));
        _runningMean = zeros(channels);
        _runningVariance = ones(channels);
        _batches = zeros([], ScalarType.Int64);
        foreach (Tensor state in (Tensor[])[_weight, _bias, _runningMean, _runningVariance, _batches])
        {
            state.DetachFromDisposeScope();
        }

        RegisterComponents();
    }

    /// <summary>C, the channels of the feature map.</summary>
    public long Channels { get; }

    /// <summary>ε, what keeps the quotient finite: 1e-5.</summary>
    public static double Epsilon => 1e-5;

    /// <summary>How much of the running statistics each batch replaces: above 0, at most 1; 0.1 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public double Momentum
    {
        get => _momentum;
        set
        {
            if (!(value > 0 && value <= 1))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, "Batch normalisation: expected a momentum above 0 and at most 1; 0.1 is usual.");
            }

            _momentum = value;
        }
    }

    /// <summary>
    /// Whether the running statistics are used, and stay as they are, while training too: for batches too small to speak for
    /// their set, and for encoders that are frozen. Weight and bias learn all the same.
    /// </summary>
    public bool FrozenStatistics { get; set; }

    /// <summary>The ranks whose batches are normalised together with this one's while training; null for this process alone.</summary>
    internal NormalizationGroup? Group { get; set; }

    /// <summary>The factor of each channel. Belongs to the module.</summary>
    public Parameter Weight => _weight;

    /// <summary>The summand of each channel. Belongs to the module.</summary>
    public Parameter Bias => _bias;

    /// <summary>The running mean of each channel. Belongs to the module.</summary>
    public Tensor RunningMean => _runningMean;

    /// <summary>The running variance of each channel. Belongs to the module.</summary>
    public Tensor RunningVariance => _runningVariance;

    /// <summary>Normalises a feature map.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>The normalised map, N×C×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C, or holds one value a channel while the
    /// batch's own statistics are used.</exception>
    public override Tensor forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, Channels, nameof(BatchNormalization), _weight, halfMaps: true);
        bool ownStatistics = training && !FrozenStatistics;
        if (ownStatistics && Group is { IsActive: true } group)
        {
            _batches.add_(Scalars.Of(1L), Scalars.Of(1L));
            return SynchronizedNormalization.Run(
                input, _weight, _bias, new NormalizationRequest(group, _runningMean, _runningVariance, _momentum, Epsilon));
        }

        Guard.Normalizable(ownStatistics, input.size(0), input.size(2), input.size(3), nameof(BatchNormalization));
        if (ownStatistics)
        {
            _batches.add_(Scalars.Of(1L), Scalars.Of(1L));
        }

        return functional.batch_norm(input, _runningMean, _runningVariance, _weight, _bias, ownStatistics, _momentum, Epsilon);
    }

    /// <summary>Back to the identity that a new module is.</summary>
    internal void Reset()
    {
        using var noGrad = no_grad();
        init.ones_(_weight);
        init.zeros_(_bias);
        init.zeros_(_runningMean);
        init.ones_(_runningVariance);
        init.zeros_(_batches);
    }
}
