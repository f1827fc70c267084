namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// When a run writes checkpoints, from which it can be resumed exactly, and how many of them it keeps. They lie in the
/// folder <c>checkpoints</c> of the output folder.
/// </summary>
/// <remarks>
/// A checkpoint holds the weights, their average, the optimizer's state and everything else that a run is made of: with
/// Adam three times the size of the weights (400 MB for the published network), four with averaged weights. Whatever these
/// options say, one is written when a run ends, is cancelled or fails.
/// </remarks>
public sealed record CheckpointOptions
{
    /// <summary>Every how many epochs a checkpoint is written, after their validation; 1 or more. Null (the default) for none.</summary>
    public int? EveryEpochs { get; init; }

    /// <summary>Every how many optimizer steps a checkpoint is written; 1 or more. Null (the default) for none.</summary>
    public long? EverySteps { get; init; }

    /// <summary>
    /// The time after which a checkpoint is written, which is what a crash can cost at most; above 0. Null for none. Default
    /// 5 minutes.
    /// </summary>
    public TimeSpan? Every { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many checkpoints are kept, the latest ones; 1 or more, and 2 (the default) or more to survive a damaged one.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>
    /// Whether the checkpoint of the best weights is kept beside them, where one was written at that step. Default true. The
    /// best weights alone are always kept, in <see cref="Trainer.BestFileName"/>.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, "Checkpoints.EveryEpochs", EveryEpochs ?? 1, 1);
        Guard.Range(problems, "Checkpoints.EverySteps", EverySteps ?? 1, 1);
        Guard.Range(problems, "Checkpoints.Keep", Keep, 1);
        if (Every is { } time && time <= TimeSpan.Zero)
        {
            problems.Add(new Problem("Checkpoints.Every", $"{time}", "a time above zero, or null", "Use five minutes"));
        }

        return problems;
    }
}
