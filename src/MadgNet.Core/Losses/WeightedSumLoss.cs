using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>The weighted sum of any losses, <c>Σ weight·L</c> for each image and label.</summary>
/// <remarks>Empty truth: see its parts.</remarks>
public sealed class WeightedSumLoss : SegmentationLoss
{
    private readonly (double Weight, SegmentationLoss Loss)[] _parts;

    /// <summary>Creates the sum.</summary>
    /// <param name="parts">Weights, finite and above 0, and the losses that they belong to; at least one. The parts must not have label
    /// weights or a reduction; set these on the sum.</param>
    /// <exception cref="ArgumentException">There is no part, a weight is not finite or not above 0, or a part has label
    /// weights or a reduction of its own.</exception>
    public WeightedSumLoss(params IReadOnlyList<(double Weight, SegmentationLoss Loss)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0)
        {
            throw new ArgumentException(
                "Weighted sum: received no losses; expected at least one. Pass the losses to add, each with its weight.", nameof(parts));
        }

        foreach ((double weight, SegmentationLoss loss) in parts)
        {
            ArgumentNullException.ThrowIfNull(loss, nameof(parts));
            LossParameter.AboveZero(weight, nameof(parts));
            if (loss.LabelWeights is not null || loss.Reduction != LossReduction.Mean)
            {
                throw new ArgumentException(
                    $"Weighted sum: received a {loss.GetType().Name} with label weights or a reduction of its own; expected a loss "
                        + $"without. Set them on the sum.",
                    nameof(parts));
            }
        }

        _parts = [.. parts];
    }

    /// <summary>The losses with their weights.</summary>
    public IReadOnlyList<(double Weight, SegmentationLoss Loss)> Parts => _parts;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
        _parts.SelectMany((part, i) => new (string, object?)[] { ($"Weight{i + 1}", part.Weight), ($"Loss{i + 1}", part.Loss) });

    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor? sum = null;
        foreach ((double weight, SegmentationLoss loss) in _parts)
        {
            Tensor term = loss.ComputeMaps(logits, target, weights).Times(weight);
            sum = sum is null ? term : sum.Plus(term);
        }

        return sum!;
    }
}
