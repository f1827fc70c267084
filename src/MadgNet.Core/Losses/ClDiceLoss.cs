using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MadgNet.Core.Losses;

/// <summary>
/// Centre-line Dice loss for vessels and other thin, branching structures:
/// <c>(1 − α)·Dice loss + α·(1 − clDice)</c>. clDice is the harmonic mean of the share of the prediction's soft skeleton that
/// lies in the truth and the share of the truth's skeleton that lies in the prediction, so that a broken vessel costs more
/// than a thin one.
/// </summary>
/// <remarks>
/// <para>Source: Shit et al., "clDice – a novel topology-preserving loss function for tubular structure segmentation", CVPR
/// 2021, equations 1 to 3 and algorithm 1 (soft skeleton by repeated min- and max-pooling); sums are smoothed by 1
/// pixel.</para>
/// <para>Targets are 0 or 1: with soft ones a prediction equal to the target is not the minimum.</para>
/// <para>Ignored pixels are background of both maps; pixel weights act on the sums.</para>
/// <para>Empty truth: both terms rise with the prediction's foreground. The skeleton alone would not see a prediction that is
/// foreground everywhere, which is why α is below 1.</para>
/// </remarks>
public sealed class ClDiceLoss : SegmentationLoss
{
    private const double Smoothing = 1;

    private readonly DiceLoss _dice = new(Smoothing);
    private readonly double _alpha;
    private readonly int _iterations;

    /// <summary>Creates the loss.</summary>
    /// <param name="alpha">α, the weight of the centre-line term: at least 0 and below 1; the source tries 0.1 to 0.5.</param>
    /// <param name="iterations">Erosions of the soft skeleton, at least 1: no fewer than the largest vessel radius in
    /// pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public ClDiceLoss(double alpha = 0.5, int iterations = 5)
    {
        _alpha = LossParameter.InRange(alpha, alpha >= 0 && alpha < 1, nameof(alpha), "a number of at least 0 and below 1");
        _iterations = (int)LossParameter.InRange(iterations, iterations >= 1, nameof(iterations), "at least 1");
    }

    /// <summary>The share of clDice; the rest is Dice.</summary>
    public double Alpha => _alpha;

    /// <summary>Iterations of the soft skeleton.</summary>
    public int Iterations => _iterations;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Alpha", _alpha), ("Iterations", _iterations)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor probability = logits.sigmoid();
        Tensor truth = target;
        if (weights is not null)
        {
            Tensor kept = weights.gt(Scalars.Of(0L)).to(logits.dtype);
            probability = probability * kept;
            truth = truth * kept;
        }

        Tensor predictedSkeleton = SoftSkeleton(probability);
        Tensor trueSkeleton = SoftSkeleton(truth);
        Tensor precision = SumOverPixels(predictedSkeleton * truth, weights).Plus(Smoothing)
            / SumOverPixels(predictedSkeleton, weights).Plus(Smoothing);
        Tensor sensitivity = SumOverPixels(trueSkeleton * probability, weights).Plus(Smoothing)
            / SumOverPixels(trueSkeleton, weights).Plus(Smoothing);
        Tensor centreline = (precision.Times(2) * sensitivity / precision.Plus(sensitivity)).OneMinus();
        return _dice.ComputeMaps(logits, target, weights).Times(1 - _alpha).Plus(centreline.Times(_alpha));
    }

    private Tensor SoftSkeleton(Tensor map)
    {
        Tensor skeleton = (map - Open(map)).relu();
        for (int iteration = 0; iteration < _iterations; iteration++)
        {
            map = Erode(map);
            Tensor ridge = (map - Open(map)).relu();
            skeleton = skeleton.Plus((ridge - (skeleton * ridge)).relu());
        }

        return skeleton;
    }

    private static Tensor Open(Tensor map) => max_pool2d(Erode(map), [3, 3], [1, 1], [1, 1]);

    private static Tensor Erode(Tensor map)
    {
        Tensor negative = -map;
        Tensor vertical = max_pool2d(negative, [3, 1], [1, 1], [1, 0]);
        Tensor horizontal = max_pool2d(negative, [1, 3], [1, 1], [0, 1]);
        return -maximum(vertical, horizontal);
    }
}
