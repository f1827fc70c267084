namespace MadgNet.Core.Losses;

/// <summary>
/// What a <see cref="DeepSupervisionLoss"/> sums: a loss and a weight for each task, and a weight for each decoder stage.
/// The defaults are the published ones.
/// </summary>
public sealed record DeepSupervisionOptions : IDescribed
{
    /// <summary>Loss of the region task; the structure loss as the published code computes it.</summary>
    public SegmentationLoss Region { get; init; } = new StructureLoss(StructureLossForm.BatchMean);

    /// <summary>Loss of the distance task; the mean squared error of the sigmoid.</summary>
    public SegmentationLoss Distance { get; init; } = new MeanSquaredErrorLoss();

    /// <summary>Loss of the boundary task; binary cross-entropy.</summary>
    public SegmentationLoss Boundary { get; init; } = new BinaryCrossEntropyLoss();

    /// <summary>Weight λ_R of the region task, finite and at least 0; 1 by default.</summary>
    public double RegionWeight { get; init; } = 1;

    /// <summary>Weight λ_D of the distance task, finite and at least 0; 1 by default.</summary>
    public double DistanceWeight { get; init; } = 1;

    /// <summary>Weight λ_B of the boundary task, finite and at least 0; 1 by default.</summary>
    public double BoundaryWeight { get; init; } = 1;

    /// <summary>
    /// Weight of each decoder stage in the order of the network's output, finite and at least 0; null weighs every stage 1.
    /// A term's weight is its task's times its stage's.
    /// </summary>
    public IReadOnlyList<double>? StageWeights { get; init; }

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() =>
    [
        (nameof(Region), Region),
        (nameof(Distance), Distance),
        (nameof(Boundary), Boundary),
        (nameof(RegionWeight), RegionWeight),
        (nameof(DistanceWeight), DistanceWeight),
        (nameof(BoundaryWeight), BoundaryWeight),
        (nameof(StageWeights), StageWeights),
    ];

    /// <summary>Everything that is wrong with the options.</summary>
    /// <returns>The problems; empty when the options can be used.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        CheckLoss(nameof(Region), Region);
        CheckLoss(nameof(Distance), Distance);
        CheckLoss(nameof(Boundary), Boundary);
        CheckWeight(nameof(RegionWeight), RegionWeight);
        CheckWeight(nameof(DistanceWeight), DistanceWeight);
        CheckWeight(nameof(BoundaryWeight), BoundaryWeight);
        if (RegionWeight == 0 && DistanceWeight == 0 && BoundaryWeight == 0)
        {
            problems.Add(new Problem("Task weights", "0 for all three tasks", "at least one weight above 0", "Set RegionWeight to 1"));
        }

        for (int stage = 0; stage < StageWeights?.Count; stage++)
        {
            CheckWeight($"{nameof(StageWeights)}[{stage}]", StageWeights[stage]);
        }

        if (StageWeights is not null && StageWeights.All(weight => weight == 0))
        {
            problems.Add(new Problem(
                nameof(StageWeights),
                $"{StageWeights.Count} weights, none above 0",
                "at least one weight above 0",
                "Leave StageWeights null to weigh every stage 1"));
        }

        return problems;

        void CheckLoss(string name, SegmentationLoss? loss)
        {
            if (loss is null)
            {
                problems.Add(new Problem(name, "null", "a loss", "Set the task's weight to 0 to leave a task out"));
            }
            else if (loss.Reduction == LossReduction.None)
            {
                problems.Add(new Problem(
                    name, "a loss without reduction", "a loss that gives one value", "Set its Reduction to Mean or Sum"));
            }
        }

        void CheckWeight(string name, double weight)
        {
            if (!double.IsFinite(weight) || weight < 0)
            {
                problems.Add(new Problem(
                    name, FormattableString.Invariant($"{weight}"), "a finite number of at least 0", "Set it to 1, or to 0 to leave the "
                        + "term out"));
            }
        }
    }
}
