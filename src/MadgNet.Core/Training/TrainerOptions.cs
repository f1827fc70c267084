using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Core.Training;

/// <summary>
/// How a <see cref="Trainer"/> trains. The defaults are the published recipe (Adam, 1e-4 to 1e-6 by cosine annealing, float32).
/// </summary>
public sealed record TrainerOptions
{
    /// <summary>For <see cref="FrozenEncoderEpochs"/>: the whole run.</summary>
    public const int Always = int.MaxValue;

    /// <summary>How often the training set is gone through; 1 or more. Default 100; the paper's experiments use 50 to 200.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// How many optimizer steps are taken; 1 or more. It takes the place of <see cref="Epochs"/>: the run ends in the middle
    /// of an epoch where need be. Null (the default) goes by epochs.
    /// </summary>
    public long? Steps { get; init; }

    /// <summary>The optimizer, with its groups of parameters. Default: Adam, as published.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamOptions();

    /// <summary>The learning rate over the run. Default: cosine annealing from 1e-4 to 1e-6 by epochs.</summary>
    public LearningRateSchedule Schedule { get; init; } = new CosineAnnealingSchedule();

    /// <summary>The loss of all stages and tasks. Default: the published one.</summary>
    public DeepSupervisionLoss Loss { get; init; } = new();

    /// <summary>
    /// How many batches make one optimizer step; 1 or more, default 1. Each batch's loss weighs by its share of the step's
    /// images, so that k batches of n images have the gradient of one batch of k·n, up to batch normalisation (whose
    /// statistics are those of n images) and to losses that are no mean over images. At the end of an epoch a step takes the
    /// batches that are left.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>How gradients are held back before a step. Default: not at all.</summary>
    public GradientClipping Clipping { get; init; } = new();

    /// <summary>
    /// The arithmetic of forward and backward passes. Default float32, in which a run can be repeated bit for bit on a CPU.
    /// </summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>How images and weights lie in memory. Default: as they come.</summary>
    public MemoryLayout Layout { get; init; } = MemoryLayout.Contiguous;

    /// <summary>How libtorch's kernels compute while the run goes on. Default: as they are set.</summary>
    public BackendSettings Backend { get; init; } = new();

    /// <summary>
    /// What a step keeps of the weights' exponential moving average, 0 to below 1, for example 0.999: the averaged weights are
    /// validated and saved beside the raw ones. Null (the default) for no average.
    /// </summary>
    public double? EmaDecay { get; init; }

    /// <summary>
    /// For how many epochs from the beginning the encoder's weights stay as they are: 0 (the default) trains it throughout,
    /// <see cref="Always"/> never does. Its normalisations still follow the batches; see <see cref="FrozenNormalization"/>.
    /// </summary>
    public int FrozenEncoderEpochs { get; init; }

    /// <summary>Which batch normalisations use and keep their running statistics while training. Default none.</summary>
    public FrozenNormalization FrozenNormalization { get; init; }

    /// <summary>Every how many epochs the validation set is scored (after the last one it always is); 1 or more. Default 1.</summary>
    public int ValidateEvery { get; init; } = 1;

    /// <summary>Every how many optimizer steps it is scored instead; 1 or more. Null (the default) goes by epochs.</summary>
    public long? ValidateEverySteps { get; init; }

    /// <summary>
    /// The metric whose mean over the validation images says which weights are the best, and which early stopping and
    /// schedules that go by scores look at: one of the library's or a <see cref="CustomMetric"/>. Default Dice. Images where it is
    /// undefined do not count.
    /// </summary>
    public Metric Monitor { get; init; } = Metric.Dice;

    /// <summary>When a run that no longer improves ends before its time. Null (the default) for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The probability from which on a pixel counts as foreground in validation, 0..1. Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// Whether every validation also looks for the threshold with the best mean Dice (over images and labels, in steps of
    /// 0.01) and keeps it with the weights, as <see cref="SegmentationModel.Threshold"/>. Scores are still those at
    /// <see cref="Threshold"/>. Default false.
    /// </summary>
    public bool CalibrateThreshold { get; init; }

    /// <summary>How many of a validation's images are handed to the observers as pictures, the first ones; 0 or more. Default 0.</summary>
    public int ValidationPictures { get; init; }

    /// <summary>
    /// How many steps of a run may be skipped because their loss or gradients are not finite, before the run fails; 0 (the
    /// default) lets it fail at the first. Steps that float16's loss scaling skips do not count.
    /// </summary>
    public int MaximumSkippedSteps { get; init; }

    /// <summary>
    /// The folder that <c>best.safetensors</c>, <c>last.safetensors</c> and the checkpoints are kept in; created when absent.
    /// Null keeps no files. Default null.
    /// </summary>
    public string? OutputFolder { get; init; }

    /// <summary>When checkpoints are written, and how many are kept.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Whether the run goes on where an earlier one in the same folder stopped. Default: never.</summary>
    public ResumeMode Resume { get; init; }

    /// <summary>What sees the run from the inside. Default: nothing.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>
    /// The processes that train together, each with a part of every batch; all of them call the trainer with the same model,
    /// options and data. Default: this process alone. It stays the caller's.
    /// </summary>
    /// <remarks>
    /// The loader's batch is that of all ranks together, so that results do not depend on their number (up to rounding, to
    /// losses that are no mean over images, and to modules that draw random numbers). Rank 0 alone writes files, tells observers
    /// and reports progress; where it cannot, nobody goes on.
    /// </remarks>
    public ProcessGroup ProcessGroup { get; init; } = ProcessGroup.Single;

    /// <summary>
    /// Whether batch normalisations take mean and variance over the images of all ranks, as one process would (the default),
    /// or each over its own rank's, which saves two messages a layer. Running statistics are averaged then.
    /// </summary>
    public bool SynchronizeNormalization { get; init; } = true;

    /// <summary>Every how many steps the ranks compare their weights, bit for bit; 1 or more. Default 100.</summary>
    public int CompareRanksEvery { get; init; } = 100;

    /// <summary>Called at the points at which a run may be interrupted; for tests.</summary>
    internal Action<string>? Probe { get; init; }

    /// <summary>The clock; for tests.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Epochs), Epochs, 1);
        Guard.Range(problems, nameof(Steps), Steps ?? 1, 1);
        Guard.Range(problems, nameof(AccumulationSteps), AccumulationSteps, 1);
        Guard.Range(problems, nameof(FrozenEncoderEpochs), FrozenEncoderEpochs, 0);
        Guard.Range(problems, nameof(ValidateEvery), ValidateEvery, 1);
        Guard.Range(problems, nameof(ValidateEverySteps), ValidateEverySteps ?? 1, 1);
        Guard.Range(problems, nameof(ValidationPictures), ValidationPictures, 0);
        Guard.Range(problems, nameof(MaximumSkippedSteps), MaximumSkippedSteps, 0);
        Guard.Range(problems, nameof(CompareRanksEvery), CompareRanksEvery, 1);
        if (!(Threshold >= 0 && Threshold <= 1))
        {
            problems.Add(new Problem(
                nameof(Threshold),
                FormattableString.Invariant($"{Threshold}"),
                "0 to 1",
                "Use 0.5, or a threshold chosen on validation data"));
        }

        if (EmaDecay is { } decay && !(decay >= 0 && decay < 1))
        {
            problems.Add(new Problem(
                nameof(EmaDecay), FormattableString.Invariant($"{decay}"), "0 to below 1, or null", "Use 0.999, or null for no average"));
        }

        problems.AddRange(Problem.Undefined(nameof(Precision), Precision));
        problems.AddRange(Problem.Undefined(nameof(Layout), Layout));
        problems.AddRange(Problem.Undefined(nameof(FrozenNormalization), FrozenNormalization));
        if (Monitor is null)
        {
            problems.Add(new Problem(nameof(Monitor), "null", "a metric", "Use Metric.Dice, or a metric of your own"));
        }

        problems.AddRange(Problem.Undefined(nameof(Resume), Resume));
        if (Optimizer is null
            || Schedule is null
            || Loss is null
            || Clipping is null
            || Backend is null
            || Checkpoints is null
            || Observers is null
            || ProcessGroup is null
            || Observers.Any(observer => observer is null))
        {
            problems.Add(new Problem(
                "options",
                "null for Optimizer, Schedule, Loss, Clipping, Backend, Checkpoints, ProcessGroup, Observers or one of them",
                "a value",
                "Leave the defaults or set a value"));
        }

        problems.AddRange(Optimizer?.Validate() ?? []);
        problems.AddRange(Clipping?.Validate() ?? []);
        problems.AddRange(Checkpoints?.Validate() ?? []);
        problems.AddRange(EarlyStopping?.Validate() ?? []);
        if (OutputFolder is not null && (string.IsNullOrWhiteSpace(OutputFolder) || File.Exists(OutputFolder)))
        {
            problems.Add(new Problem(
                nameof(OutputFolder), $"'{OutputFolder}'", "the path of a folder, or null", "Choose a folder; it is created when absent"));
        }

        if (OutputFolder is null && Resume == ResumeMode.Required)
        {
            problems.Add(new Problem(
                nameof(Resume), $"{Resume} without an OutputFolder", "the folder of the run that is to go on", "Set OutputFolder"));
        }

        return problems;
    }

    /// <summary>What the weights of a run follow from: these options have to be the same for a run to be resumed.</summary>
    internal IEnumerable<(string Name, object? Value)> Essentials() =>
    [
        (nameof(Epochs), Steps is null ? Epochs : null),
        (nameof(Steps), Steps),
        (nameof(Optimizer), Optimizer),
        (nameof(Schedule), Schedule),
        (nameof(Loss), Loss),
        (nameof(AccumulationSteps), AccumulationSteps),
        (nameof(Clipping), Clipping),
        (nameof(Precision), Precision),
        (nameof(Layout), Layout),
        (nameof(Backend), Backend),
        (nameof(EmaDecay), EmaDecay),
        (nameof(FrozenEncoderEpochs), FrozenEncoderEpochs),
        (nameof(FrozenNormalization), FrozenNormalization),
        (nameof(ValidateEvery), ValidateEverySteps is null ? ValidateEvery : null),
        (nameof(ValidateEverySteps), ValidateEverySteps),
        (nameof(Monitor),
            Monitor is CustomMetric own
                ? $"{own.Name} ({(own.IsLowerBetter ? "lower" : "higher")} is better{(own.Definition.Length == 0 ? "" : "; ")}"
                    + $"{own.Definition})"
                : Monitor.Name),
        (nameof(EarlyStopping), EarlyStopping),
        (nameof(Threshold), Threshold),
        (nameof(CalibrateThreshold), CalibrateThreshold),
    ];
}
