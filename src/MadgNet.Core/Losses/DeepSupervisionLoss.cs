using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// The loss that MADGNet is trained with: the sum over the decoder's stages and the three tasks of
/// <c>λ_stage · (λ_R·L_R + λ_D·L_D + λ_B·L_B)</c> (paper, section 3.3, with all λ = 1).
/// </summary>
/// <remarks>Holds no tensors and no state: one instance may serve several threads and devices.</remarks>
public sealed class DeepSupervisionLoss : IDescribed
{
    private readonly DeepSupervisionOptions _options;

    /// <summary>Creates the loss.</summary>
    /// <param name="options">Losses and weights; the published ones when null.</param>
    /// <exception cref="InvalidOptionsException">The options have problems; lists all of them.</exception>
    public DeepSupervisionLoss(DeepSupervisionOptions? options = null)
    {
        _options = options ?? new DeepSupervisionOptions();
        InvalidOptionsException.ThrowIfAny(nameof(DeepSupervisionLoss), _options.Validate());
    }

    /// <summary>The losses and weights in use.</summary>
    public DeepSupervisionOptions Options => _options;

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() => ((IDescribed)_options).Describe();

    /// <summary>Computes every term and their weighted sum. A term of weight 0 is computed without gradients.</summary>
    /// <param name="stages">Logits of the decoder's stages, each N×n×H×W at the targets' size; at least one stage.</param>
    /// <param name="targets">N×n×H×W targets on the logits' device.</param>
    /// <param name="ignore">N×n×H×W or N×1×H×W, true or not 0 where a pixel is to be left out of every term; null leaves
    /// none out.</param>
    /// <param name="pixelWeights">N×n×H×W or N×1×H×W, at least 0: how much each pixel counts in every term; null weighs all
    /// of them 1.</param>
    /// <returns>The sum and its terms. The caller owns it.</returns>
    /// <remarks>The term of a task that the network does not predict is 0.</remarks>
    /// <exception cref="InvalidMapException">There is no stage, their number is not that of the stage weights, or a shape,
    /// type or device does not fit.</exception>
    public DeepSupervisionResult Compute(
        IReadOnlyList<TaskMaps> stages, TaskMaps targets, Tensor? ignore = null, Tensor? pixelWeights = null)
    {
        ArgumentNullException.ThrowIfNull(stages);
        ArgumentNullException.ThrowIfNull(targets);
        CheckStages(stages.Count);
        using DisposeScope scope = NewDisposeScope();
        var terms = new Tensor[3 * stages.Count];
        Tensor? total = null;
        for (int stage = 0; stage < stages.Count; stage++)
        {
            double weight = _options.StageWeights?[stage] ?? 1;
            Add(3 * stage, _options.Region, weight * _options.RegionWeight, stages[stage].Region, targets.Region, "region");
            Add((3 * stage) + 1, _options.Distance, weight * _options.DistanceWeight, stages[stage].Distance, targets.Distance, "distance");
            Add((3 * stage) + 2, _options.Boundary, weight * _options.BoundaryWeight, stages[stage].Boundary, targets.Boundary, "boundary");
        }

        if (total is null)
        {
            throw new InvalidMapException(new Problem(
                "stages",
                "no map whose weight is above 0",
                "at least one map that the loss weighs",
                "Give the region a weight, or pass the maps that are weighed"));
        }

        Tensor values = stack(terms).reshape(stages.Count, 3);
        return new DeepSupervisionResult(total.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());

        void Add(int index, SegmentationLoss loss, double weight, Tensor? logits, Tensor? target, string task)
        {
            // A network that does not predict the task has no such term.
            if (logits is null)
            {
                terms[index] = zeros_like(stages[0].Region.detach().flatten()[0]);
                return;
            }

            if (target is null)
            {
                throw new InvalidMapException(new Problem(
                    "targets",
                    $"no {task} map beside logits for it",
                    $"a {task} target for a network that predicts it",
                    "Let the loader make all targets that the network needs"));
            }

            // Not weight · loss: 0 · NaN would poison the sum with a term that was left out.
            if (weight == 0)
            {
                using var noGradients = no_grad();
                terms[index] = loss.Compute(logits, target, ignore, pixelWeights);
                return;
            }

            Tensor value = loss.Compute(logits, target, ignore, pixelWeights);
            terms[index] = value.detach();
            Tensor weighted = value.Times(weight);
            total = total is null ? weighted : total.Plus(weighted);
        }
    }

    private void CheckStages(int count)
    {
        int? expected = _options.StageWeights?.Count;
        if (count == 0 || (expected is not null && expected != count))
        {
            throw new InvalidMapException(new Problem(
                "stages",
                $"{count} stages",
                expected is null ? "at least 1" : $"{expected}, as many as there are stage weights",
                "Pass all stages that the network returned, and as many stage weights or none"));
        }
    }
}
