using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// A loss of N×n×H×W logits against targets of the same shape, for N images and n labels that do not exclude each other.
/// Every loss is computed for each image and label alone, and then reduced.
/// </summary>
/// <remarks>
/// <para>Losses hold no tensors and no state: one instance may serve several threads and devices.</para>
/// <para>Values are not checked, because a check would wait for the device. A NaN among logits or targets gives NaN.</para>
/// <para>For a loss of your own, derive from this class and implement <see cref="ComputeMaps"/>. Override <see cref="Describe"/> when
/// it has settings.</para>
/// </remarks>
public abstract class SegmentationLoss : IDescribed
{
    /// <summary>Keeps a quotient finite whose numerator is 0 whenever its denominator is; far below any weight in use.</summary>
    private const double Smallest = 1e-12;

    private readonly double[]? _labelWeights;

    /// <summary>The weight of each label, n values of at least 0; null weighs all of them 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative or not finite, or none is above 0.</exception>
    public IReadOnlyList<double>? LabelWeights
    {
        get => _labelWeights;
        init
        {
            if (value is not null && (value.Any(weight => !(weight >= 0) || double.IsInfinity(weight)) || value.All(weight => weight == 0)))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(LabelWeights),
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Label weights: received [{string.Join(", ", value)}]; "
                            + $"expected finite values of at least 0, one of them above. Weigh each label by how much it counts."));
            }

            _labelWeights = value?.ToArray();
        }
    }

    /// <summary>How the values of the images and labels become the result; their mean by default.</summary>
    public LossReduction Reduction { get; init; } = LossReduction.Mean;

    /// <summary>Computes the loss; gradients flow to the logits.</summary>
    /// <param name="logits">N×n×H×W floating-point tensor, before the sigmoid. Half precision is computed in single
    /// precision, which sums over a map's pixels need.</param>
    /// <param name="target">
    /// N×n×H×W tensor of any type on the same device, 0..1 (for most losses 0 or 1: see each of them).
    /// </param>
    /// <param name="ignore">
    /// N×n×H×W or N×1×H×W, true or not 0 for a pixel that is left out; null leaves none out. The values of logits and target there have
    /// no effect, except when a loss looks at the neighbourhood of a pixel.
    /// </param>
    /// <param name="pixelWeights">
    /// N×n×H×W or N×1×H×W, at least 0: how much each pixel counts; null weighs all of them 1. A weight of 0 is the same as
    /// ignoring the pixel.
    /// </param>
    /// <returns>A scalar, or N×n values where <see cref="Reduction"/> is <see cref="LossReduction.None"/>. The caller owns
    /// it.</returns>
    /// <exception cref="InvalidMapException">A shape, type or device does not fit, or the number of label weights is not
    /// n.</exception>
    public Tensor Compute(Tensor logits, Tensor target, Tensor? ignore = null, Tensor? pixelWeights = null)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(target);
        using DisposeScope scope = NewDisposeScope();
        Check(logits, target, ignore, pixelWeights);
        if (logits.dtype is ScalarType.Float16 or ScalarType.BFloat16)
        {
            logits = logits.to(ScalarType.Float32);
        }

        Tensor? weights = CombinedWeights(logits, ignore, pixelWeights);
        Tensor maps = ComputeMaps(logits, target.to(logits.dtype), weights);
        Tensor? counted = null;
        if (weights is not null)
        {
            counted = weights.sum([2, 3]).gt(Scalars.Of(0L)).to(logits.dtype);
            maps = maps * counted;
        }

        if (_labelWeights is not null)
        {
            Tensor perLabel = tensor(_labelWeights, dtype: logits.dtype, device: logits.device);
            maps = maps * perLabel;
            counted = counted is null ? perLabel.expand(logits.size(0), -1) : counted * perLabel;
        }

        Tensor result = Reduction switch
        {
            LossReduction.None => maps,
            LossReduction.Sum => maps.sum(),
            _ when counted is null => maps.mean(),
            _ => maps.sum() / counted.sum().clamp_min(Scalars.Of(Smallest)),
        };
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The loss of every image and label.</summary>
    /// <param name="logits">N×n×H×W logits.</param>
    /// <param name="target">N×n×H×W targets, of the logits' type.</param>
    /// <param name="weights">
    /// N×n×H×W pixel weights of the logits' type, 0 where a pixel is ignored; null where every pixel counts 1. A map whose
    /// weights are all 0 must still give finite values and gradients; they are then dropped.
    /// </param>
    /// <returns>N×n values. Tensors that are made on the way are disposed by the caller's dispose scope.</returns>
    protected internal abstract Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights);

    /// <summary>
    /// The settings of the loss, apart from its kind, label weights and reduction. A training is resumed only with the same settings.
    /// Manifest and model card record them. By default these are the plain values of the public properties. Override this when your
    /// loss has other settings.
    /// </summary>
    /// <returns>Names and values: numbers, texts, truths, enumerations, other losses, lists of these.</returns>
    protected virtual IEnumerable<(string Name, object? Value)> Describe() => Description.Properties(this, typeof(SegmentationLoss));

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
        [.. Describe(), (nameof(LabelWeights), _labelWeights), (nameof(Reduction), Reduction)];

    /// <summary>The mean over each map's pixels: <c>Σ w·x / Σ w</c>, and 0 where all weights are 0.</summary>
    /// <param name="values">N×n×H×W values.</param>
    /// <param name="weights">N×n×H×W weights, or null for all 1.</param>
    /// <returns>N×n means.</returns>
    protected static Tensor MeanOverPixels(Tensor values, Tensor? weights)
    {
        ArgumentNullException.ThrowIfNull(values);
        return weights is null
            ? values.mean([2, 3])
            : (values * weights).sum([2, 3]) / weights.sum([2, 3]).clamp_min(Scalars.Of(Smallest));
    }

    /// <summary>The sum over each map's pixels, <c>Σ w·x</c>.</summary>
    /// <param name="values">N×n×H×W values.</param>
    /// <param name="weights">N×n×H×W weights, or null for all 1.</param>
    /// <returns>N×n sums.</returns>
    protected static Tensor SumOverPixels(Tensor values, Tensor? weights)
    {
        ArgumentNullException.ThrowIfNull(values);
        return (weights is null ? values : values * weights).sum([2, 3]);
    }

    /// <summary>
    /// How much prediction and truth have in common at each pixel: <c>p·g</c>, or <c>min(p, g)</c> for soft labels. Both are the same
    /// where g is 0 or 1.
    /// </summary>
    private protected static Tensor Common(Tensor probability, Tensor target, bool softLabels) =>
        softLabels ? minimum(probability, target) : probability * target;

    private void Check(Tensor logits, Tensor target, Tensor? ignore, Tensor? pixelWeights)
    {
        if (logits.dim() != 4 || logits.numel() == 0)
        {
            throw Invalid(
                nameof(logits),
                $"shape {Text(logits)}",
                "images × labels × height × width, none of them 0",
                "Add the missing dimensions with unsqueeze");
        }

        if (!logits.is_floating_point())
        {
            throw Invalid(nameof(logits), $"type {logits.dtype}", "a floating-point type", "Pass the network's output before the sigmoid");
        }

        CheckCompanion(nameof(target), logits, target, mayBroadcast: false);
        if (_labelWeights is not null && _labelWeights.Length != logits.size(1))
        {
            throw Invalid(
                nameof(LabelWeights),
                $"{_labelWeights.Length} weights for {logits.size(1)} labels",
                "one weight for each label",
                "Give each of the network's labels a weight");
        }

        if (pixelWeights is not null)
        {
            CheckCompanion(nameof(pixelWeights), logits, pixelWeights, mayBroadcast: true);
        }

        if (ignore is not null)
        {
            CheckCompanion(nameof(ignore), logits, ignore, mayBroadcast: true);
        }
    }

    private static Tensor? CombinedWeights(Tensor logits, Tensor? ignore, Tensor? pixelWeights)
    {
        Tensor? weights = pixelWeights?.to(logits.dtype);
        if (ignore is not null)
        {
            Tensor kept = ignore.eq(Scalars.Of(0L)).to(logits.dtype);
            weights = weights is null ? kept : weights * kept;
        }

        return weights?.expand_as(logits);
    }

    private static void CheckCompanion(string name, Tensor logits, Tensor map, bool mayBroadcast)
    {
        bool fits = map.dim() == 4 && map.size(0) == logits.size(0) && map.size(2) == logits.size(2) && map.size(3) == logits.size(3)
            && (map.size(1) == logits.size(1) || (mayBroadcast && map.size(1) == 1));
        if (!fits)
        {
            throw Invalid(
                name,
                $"shape {Text(map)} for logits of shape {Text(logits)}",
                mayBroadcast ? "the logits' shape, or one map for all labels" : "the logits' shape",
                "Resize the logits to the target's size before the loss");
        }

        if (map.is_complex() || map.is_sparse)
        {
            throw Invalid(
                name,
                $"{(map.is_sparse ? "a sparse tensor of " : "")}type {map.dtype}",
                "a dense tensor of real numbers or truths",
                "Convert it before the loss");
        }

        if (map.device_type != logits.device_type || map.device_index != logits.device_index)
        {
            throw Invalid(
                name, $"device {map.device} for logits on {logits.device}", "one device for all", $"Move {name} with to(logits.device)");
        }
    }

    private static InvalidMapException Invalid(string subject, string received, string expected, string remedy) =>
        new(new Problem(subject, received, expected, remedy));

    private static string Text(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
