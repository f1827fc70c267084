using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Log-cosh Dice loss, <c>log(cosh(L))</c> of the <see cref="DiceLoss"/> L: flat near the optimum, close to linear far from
/// it.
/// </summary>
/// <remarks>
/// <para>Source: Jadon, "A survey of loss functions for semantic segmentation", CIBCB 2020, section II-J.</para>
/// <para>Empty truth: as the Dice loss, of which it is a rising function.</para>
/// <para>With a soft target a prediction equal to it is not the minimum of the plain form, as for the <see cref="DiceLoss"/>;
/// <see cref="SoftLabels"/> chooses a form that is 0 there and nowhere else.</para>
/// </remarks>
public sealed class LogCoshDiceLoss : SegmentationLoss
{
    private readonly DiceLoss _dice;

    /// <summary>Creates the loss.</summary>
    /// <param name="smoothing">The Dice loss's constant, in pixels; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The smoothing is not finite or not above 0.</exception>
    public LogCoshDiceLoss(double smoothing = 1)
    {
        _dice = new DiceLoss(smoothing);
    }

    /// <summary>What is added to numerator and denominator.</summary>
    public double Smoothing => _dice.Smoothing;

    /// <summary>Whether targets are soft labels, as in the <see cref="DiceLoss"/>. False by default.</summary>
    public bool SoftLabels
    {
        get => _dice.SoftLabels;
        init => _dice = new DiceLoss(Smoothing) { SoftLabels = value };
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Dice", _dice)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights) =>
        _dice.ComputeMaps(logits, target, weights).cosh().log();
}
