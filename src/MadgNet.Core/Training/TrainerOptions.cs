using MadgNet.Core.Internal;
using MadgNet.Core.Losses;

namespace MadgNet.Core.Training;

/// <summary>How a <see cref="Trainer"/> trains. The defaults are the published recipe (Adam, 1e-4 to 1e-6 by cosine annealing).</summary>
public sealed record TrainerOptions
{
    /// <summary>How often the training set is gone through; 1 or more. Default 100; the paper's experiments use 50 to 200.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>The learning rate of each epoch. Default: cosine annealing from 1e-4 to 1e-6.</summary>
    public LearningRateSchedule Schedule { get; init; } = new CosineAnnealingSchedule();

    /// <summary>The loss of all stages and tasks. Default: the published one.</summary>
    public DeepSupervisionLoss Loss { get; init; } = new();

    /// <summary>Every how many epochs the validation set is scored (the last epoch always is); 1 or more. Default 1.</summary>
    public int ValidateEvery { get; init; } = 1;

    /// <summary>The probability from which on a pixel counts as foreground in validation, 0..1. Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// The folder that <c>best.safetensors</c> and <c>last.safetensors</c> are kept in; created when absent. Null keeps no
    /// files. Default null.
    /// </summary>
    public string? OutputDirectory { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Epochs), Epochs, 1);
        Guard.Range(problems, nameof(ValidateEvery), ValidateEvery, 1);
        if (!(Threshold >= 0 && Threshold <= 1))
        {
            problems.Add(new Problem(nameof(Threshold), FormattableString.Invariant($"{Threshold}"), "0 to 1", "Use 0.5, or a threshold chosen on validation data"));
        }

        if (Schedule is null || Loss is null)
        {
            problems.Add(new Problem("options", "null for Schedule or Loss", "a schedule and a loss", "Leave the defaults or set a value"));
        }

        if (OutputDirectory is not null && (string.IsNullOrWhiteSpace(OutputDirectory) || File.Exists(OutputDirectory)))
        {
            problems.Add(new Problem(nameof(OutputDirectory), $"'{OutputDirectory}'", "the path of a folder, or null", "Choose a folder; it is created when absent"));
        }

        return problems;
    }
}
