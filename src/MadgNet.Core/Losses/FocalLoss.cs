using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MadgNet.Core.Losses;

/// <summary>
/// Focal loss, the mean over each map's pixels of <c>−α_t·(1 − p_t)^γ·log p_t</c>, where <c>p_t</c> is the probability given
/// to the pixel's true class and <c>α_t</c> is α on foreground and 1 − α on background.
/// </summary>
/// <remarks>
/// <para>Source: Lin, Goyal, Girshick, He, Dollár, "Focal loss for dense object detection", ICCV 2017, equation 5; α = 0.25
/// and γ = 2 are its defaults. The mean is over all pixels, where the source divides by the number of boxes.</para>
/// <para>Without α (null) every pixel has the weight 1 (equation 4), as other packages have it by default; with α = ½ the loss is
/// half of that.</para>
/// <para>Targets may be soft: a pixel's value is then the mixture of both classes' values. With γ above 0, or another α than ½, a
/// prediction equal to a soft target is not its minimum.</para>
/// <para>Empty truth: every pixel is background, and its term rises with its probability.</para>
/// </remarks>
public sealed class FocalLoss : SegmentationLoss
{
    private readonly double _gamma;
    private readonly double? _alpha;

    /// <summary>Creates the loss.</summary>
    /// <param name="gamma">γ, finite and at least 0; 0 gives the weighted cross-entropy.</param>
    /// <param name="alpha">α, above 0 and below 1; null for a weight of 1 on foreground and background.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public FocalLoss(double gamma = 2, double? alpha = 0.25)
    {
        _gamma = LossParameter.InRange(gamma, double.IsFinite(gamma) && gamma >= 0, nameof(gamma), "a finite number of at least 0");
        _alpha = alpha is { } given
            ? LossParameter.InRange(given, given > 0 && given < 1, nameof(alpha), "a number above 0 and below 1, or null")
            : null;
    }

    /// <summary>How much easy pixels lose weight.</summary>
    public double Gamma => _gamma;

    /// <summary>The weight of foreground; background has the rest to 1. Null where both weigh 1.</summary>
    public double? Alpha => _alpha;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Gamma", _gamma), ("Alpha", _alpha)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        // log p and log(1 − p) straight from the logits, and the power in the logarithm, so that nothing saturates.
        Tensor logForeground = logsigmoid(logits);
        Tensor logBackground = logsigmoid(-logits);
        Tensor ifForeground = logBackground.Times(_gamma).exp().Times(-(_alpha ?? 1)) * logForeground;
        Tensor ifBackground = logForeground.Times(_gamma).exp().Times(-((1 - _alpha) ?? 1)) * logBackground;
        return MeanOverPixels((target * ifForeground).Plus(target.OneMinus() * ifBackground), weights);
    }
}
