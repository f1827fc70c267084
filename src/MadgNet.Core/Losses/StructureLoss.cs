using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace MadgNet.Core.Losses;

/// <summary>
/// The structure loss, which supervises the region task: binary cross-entropy plus a weighted soft IoU,
/// <c>bce + 1 − (Σ w·p·g + 1) / (Σ w·(p + g) − Σ w·p·g + 1)</c> with <c>p = σ(logit)</c> and pixel weights
/// <c>w = 1 + 5·|avgpool₃₁(g) − g|</c> (zero padding, divisor 961 everywhere) that stress the surroundings of contours.
/// </summary>
/// <remarks>
/// <para>Source: Wei, Wang, Huang, "F3Net: Fusion, Feedback and Focus for Salient Object Detection", AAAI 2020, section
/// 3.4; MADGNet uses it for L_R (section 3.3).</para>
/// <para>With a soft target (values between 0 and 1) a prediction equal to it is not the minimum, because <c>p·g</c> is largest where p
/// is 0 or 1: the cross-entropy alone has it there.</para>
/// <para>Empty truth: <c>w</c> is 1 everywhere and the IoU term <c>1 − 1/(Σ p + 1)</c>, so every pixel of foreground is
/// punished; a confident background is best. Ignored pixels count in neither term; the local mean looks at the target as it
/// is.</para>
/// </remarks>
public sealed class StructureLoss : SegmentationLoss
{
    private const int Window = 31;
    private const double Emphasis = 5;

    private readonly StructureLossForm _form;

    /// <summary>Creates the loss in one of its two forms.</summary>
    /// <param name="form">Which cross-entropy term to use.</param>
    /// <exception cref="ArgumentOutOfRangeException">The form is not one of the two.</exception>
    public StructureLoss(StructureLossForm form)
    {
        _form = Guard.Defined(form, nameof(form));
    }

    /// <summary>Which of the two forms this loss computes.</summary>
    public StructureLossForm Form => _form;

    /// <summary>The pixel weights <c>1 + 5·|avgpool₃₁(g) − g|</c> of a target.</summary>
    /// <param name="target">N×n×H×W floating-point target, 0 or 1.</param>
    /// <returns>N×n×H×W weights, 1..6. The caller owns them.</returns>
    public static Tensor PixelWeights(Tensor target)
    {
        ArgumentNullException.ThrowIfNull(target);
        using DisposeScope scope = NewDisposeScope();

        // A box is separable: two passes of 31 instead of one of 961.
        Tensor rows = avg_pool2d(target, [Window, 1], [1, 1], [Window / 2, 0], count_include_pad: true);
        Tensor local = avg_pool2d(rows, [1, Window], [1, 1], [0, Window / 2], count_include_pad: true);
        return (local - target).abs().Times(Emphasis).Plus(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Form), Form)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor stressed = PixelWeights(target);
        if (weights is not null)
        {
            stressed = stressed * weights;
        }

        Tensor entropy = binary_cross_entropy_with_logits(logits, target, reduction: nn.Reduction.None);
        Tensor entropyMean = MeanOverPixels(entropy, _form == StructureLossForm.PerPixel ? stressed : weights);

        Tensor probability = logits.sigmoid();
        Tensor intersection = SumOverPixels(probability * target, stressed);
        Tensor both = SumOverPixels(probability.Plus(target), stressed);
        return entropyMean.Plus(1) - (intersection.Plus(1) / (both - intersection).Plus(1));
    }
}
