using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Focal Tversky loss, <c>L^(1/γ)</c> of the <see cref="TverskyLoss"/> L: with γ above 1 it keeps learning from regions that
/// are nearly right.
/// </summary>
/// <remarks>
/// <para>Source: Abraham, Khan, "A novel focal Tversky loss function with improved attention U-Net for lesion segmentation",
/// ISBI 2019, equation 4, with γ = 4/3, and α = 0.3 for false positives, β = 0.7 for false negatives.</para>
/// <para>The power has an infinite slope at 0. It is therefore taken of <c>L + ε</c> and lowered by <c>ε^(1/γ)</c>,
/// ε = 1e-7, which keeps a perfect prediction at 0 and changes no value by more than that power (6e-6 with the default
/// γ).</para>
/// <para>Empty truth: as the Tversky loss, of which it is a rising function.</para>
/// <para>With a soft target a prediction equal to it is not the minimum of the plain form, as for the <see cref="TverskyLoss"/>;
/// <see cref="SoftLabels"/> chooses a form that is 0 there and nowhere else.</para>
/// </remarks>
public sealed class FocalTverskyLoss : SegmentationLoss
{
    private const double Epsilon = 1e-7;

    private readonly TverskyLoss _tversky;
    private readonly double _exponent;

    /// <summary>Creates the loss.</summary>
    /// <param name="gamma">γ, finite and above 0; the source recommends 1 to 3.</param>
    /// <param name="falsePositiveWeight">α, finite and above 0.</param>
    /// <param name="falseNegativeWeight">β, finite and above 0.</param>
    /// <param name="smoothing">The Tversky loss's constant, in pixels; finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is not finite or not above 0.</exception>
    public FocalTverskyLoss(
        double gamma = 4.0 / 3, double falsePositiveWeight = 0.3, double falseNegativeWeight = 0.7, double smoothing = 1)
    {
        Gamma = LossParameter.AboveZero(gamma, nameof(gamma));
        _exponent = 1 / gamma;
        _tversky = new TverskyLoss(falsePositiveWeight, falseNegativeWeight, smoothing);
    }

    /// <summary>The exponent is 1 / γ.</summary>
    public double Gamma { get; }

    /// <summary>The weight of false positives.</summary>
    public double FalsePositiveWeight => _tversky.FalsePositiveWeight;

    /// <summary>The weight of false negatives.</summary>
    public double FalseNegativeWeight => _tversky.FalseNegativeWeight;

    /// <summary>What is added to numerator and denominator.</summary>
    public double Smoothing => _tversky.Smoothing;

    /// <summary>Whether targets are soft labels, as in the <see cref="TverskyLoss"/>. False by default.</summary>
    public bool SoftLabels
    {
        get => _tversky.SoftLabels;
        init => _tversky = new TverskyLoss(FalsePositiveWeight, FalseNegativeWeight, Smoothing) { SoftLabels = value };
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [("Exponent", _exponent), ("Tversky", _tversky)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        using Scalar exponent = _exponent.ToScalar();
        return _tversky.ComputeMaps(logits, target, weights).Plus(Epsilon).pow(exponent).Minus(Math.Pow(Epsilon, _exponent));
    }
}
